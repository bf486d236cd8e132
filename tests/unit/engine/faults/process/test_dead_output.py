"""``dead_output``: a real process without a standard output, or with one that is full and that nobody reads."""

import os
import subprocess
import sys

import psutil
import pytest

from fleet_stress import system
from fleet_stress.faults.process.dead_output import DeadOutput
from fleet_stress.system import process
from tests.unit.engine.faults.conftest import applied, make_site

pytestmark = pytest.mark.linux
CLOSED, UNREAD = {"stdout": "closed"}, {"stdout": "unread"}
#: Says by a file that it is there, and stays.
BOT = """
import os, sys, time
with open(sys.argv[1] + ".ready", "w") as stream:
    stream.write(str(stream.fileno()))
time.sleep(600)
"""


class Bots:
    """Starts them as an arena does."""

    def __init__(self, folder):
        self.running = []
        self.site = make_site(folder, processes=lambda: [psutil.Process(item.pid) for item in self.running])
        self.folder = folder

    def start(self, program=BOT):
        number = len(list(self.site.evidence.glob("start-*.out"))) + 1
        output = self.site.evidence / f"start-{number:02d}.out"
        with output.open("wb") as stdout:
            elsewhere = self.site.next_start.outputs.get("stdout", stdout)
            self.running.append(
                process.start(
                    [sys.executable, "-c", program, str(self.folder / str(number))],
                    user=self.site.user,
                    folder=self.folder,
                    environment={},
                    stdout=stdout if elsewhere is None else elsewhere,
                    stderr=subprocess.DEVNULL,
                    closed=(1,) if elsewhere is None else (),
                )
            )
        return self.running[-1]

    def printed_before(self, text="a line"):
        (self.site.evidence / "start-01.out").write_text(text)

    def end(self):
        for item in self.running:
            item.kill()
            item.wait()
        self.running = []


@pytest.fixture
def bots(tmp_path):
    bots = Bots(tmp_path)
    yield bots
    bots.end()


def test_without_one_the_next_file_has_its_number(bots, tmp_path):
    fault = applied(DeadOutput, bots.site, CLOSED)
    bot = bots.start(
        "import sys; print(open(sys.argv[1], 'w').fileno(), file=sys.stderr); sys.exit(sys.stdout is None)"
    )
    assert bot.wait(30) == 1
    bots.running = []
    assert fault.prove().took_effect
    fault.revert()
    assert bots.site.next_start.outputs == {}


def test_a_full_pipe_holds_back_who_prints_and_breaks_afterwards(bots):
    bots.printed_before()
    fault = applied(DeadOutput, bots.site, UNREAD)
    program = (
        "import os, signal\nsignal.signal(signal.SIGPIPE, signal.SIG_IGN)\n"
        "try:\n    os.write(1, b'x')\nexcept BrokenPipeError:\n    os._exit(7)\nos._exit(1)"
    )
    bot = bots.start(program)
    until_in_write(bot.pid)

    assert fault.blocks()
    proof = fault.prove()

    assert proof.took_effect
    assert proof.details["unread_bytes"] == proof.details["bytes"] >= 4096
    assert proof.details["leads_to"][str(bot.pid)].startswith("pipe:")
    fault.revert()
    assert bot.wait(30) == 7
    bots.running = []


def until_in_write(pid):
    """The kernel says that it waits in the call write (proc_pid_wchan(5))."""
    while not system.waits_in_pipe(pid):
        assert psutil.pid_exists(pid)


def test_one_that_sleeps_is_not_blocked(bots):
    bots.printed_before()
    fault = applied(DeadOutput, bots.site, UNREAD)
    bots.start()
    assert not fault.blocks()
    fault.revert()


def test_it_silences_who_tells_of_cycles_there():
    assert DeadOutput.silences({"cycle": {"file": "stdout", "line": "x"}}, UNREAD)
    assert not DeadOutput.silences({"cycle": {"file": "stderr", "line": "x"}}, UNREAD)


def test_a_bot_that_has_printed_nothing_has_nothing_to_hold_it_back(bots):
    bots.printed_before("")
    fault = applied(DeadOutput, bots.site, UNREAD)
    bots.start()
    proof = fault.prove()
    fault.revert()
    assert not proof.took_effect
    assert proof.details["nothing_to_hit"]
    assert "prints nothing" in proof.details["why"]


def test_one_that_was_read_from_proves_nothing(bots):
    bots.printed_before()
    fault = applied(DeadOutput, bots.site, UNREAD)
    bots.start()
    os.read(fault._pipe[0], 10)
    assert "somebody has read" in fault.prove().details["why"]
    fault.revert()


@pytest.mark.parametrize("arguments", [CLOSED, UNREAD])
def test_no_start_since_proves_nothing(bots, arguments):
    bots.printed_before()
    fault = applied(DeadOutput, bots.site, arguments)
    assert "no bot was started since" in fault.prove().details["why"]
    fault.revert()
