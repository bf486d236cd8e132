"""What operators ask of hosts, on hosts that are real ones: recover, hold, halt, status."""

import json
import os
import signal
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from lab import needs
from lab.command import Command
from lab.hosts import until
from lab.lab import Lab
from tests.foreign_words import FOREIGN
from tests.living import signal_each

pytestmark = [
    pytest.mark.root,
    pytest.mark.linux,
    pytest.mark.slow,
    pytest.mark.timeout(900),
]
BLOCK = ["playbooks/hold.yml", "-e", "fault=network_block", "-e", "against=192.0.2.9"]
#: A run that goes on until somebody ends it: twenty minutes at least, however slow the machine is.
LONG = ["stress.yml", "--tags", "run,report", "-e", "scenarios=memory", "-e", "profile=standard"]


class Operator:
    """Types commands; ``lab`` is what they are about."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.typed = lab, folder, 0

    def begins(self, *words):
        self.typed += 1
        return Command(self.lab, self.folder / str(self.typed), words, "said")

    def types(self, *words, code=0):
        command = self.begins(*words)
        assert command.wait() == code, command.said
        return command.said

    def ours(self, host):
        return [
            process
            for process in self.lab.processes(host)
            if process.argv[1:4] == ["-I", "-m", "fleet_stress"]
        ]

    def bot_runs(self, host):
        return any("main.py" in process.argv for process in self.lab.processes(host))

    def begins_a_long_run(self):
        command = self.begins(*LONG)
        until(
            lambda: all(map(self.bot_runs, self.lab.hosts)) or command.process.poll() is not None,
            "a bot runs on every host",
            600,
        )
        assert command.process.poll() is None, command.said
        return command


def holds(command):
    """Wait until both hosts hold what was asked for."""
    until(
        lambda: command.said.count(" stands for ") == 2 or command.process.poll() is not None, "it holds", 300
    )
    assert command.process.poll() is None, command.said


@pytest.fixture(scope="module")
def operator():
    if needs.missing():
        pytest.skip(f"a lab needs {needs.missing()}")
    with (
        tempfile.TemporaryDirectory(prefix="operate-", dir="/run") as folder,
        Lab.up(Path(folder, "lab"), hosts=2) as lab,
    ):
        yield Operator(lab, Path(folder, "typed"))


@pytest.fixture
def clean(operator):
    """Nothing stands when a test begins, and nothing when it ends."""
    yield operator
    for host in operator.lab.hosts:
        operator.lab.link_up(host)
        until(lambda host=host: not operator.ours(host), f"nothing of ours runs on {host}", 240)
        assert operator.lab.rules(host) == []


def test_a_host_that_was_never_used_has_nothing_to_recover(operator):
    before = operator.lab.changed_files("lab01")
    told = operator.types("playbooks/recover.yml", "-v")
    assert told.count("nothing of ours is there") == 2
    assert "changed=0" in told
    assert [file for file in operator.lab.changed_files("lab01") if "fleet-stress" in file] == []
    assert len(before) <= len(operator.lab.changed_files("lab01"))


def test_a_host_that_was_never_used_can_be_halted_and_released(operator):
    """Whatever `release` and `reason` mean to the inventory: it cannot halt, and cannot keep a halt from being one."""
    foreign = operator.folder / "foreign.json"
    operator.folder.mkdir(exist_ok=True)
    foreign.write_text(json.dumps({"all": {"vars": {**FOREIGN, "release": True}}}))
    halt = ("playbooks/halt.yml", "-i", str(foreign))
    assert "nobody said why" in operator.types(*halt, code=2)
    both = ("-e", "reason=again", "-e", "release=true")
    assert "write one of them" in operator.types(*halt, *both, code=2)
    assert operator.types(*halt, "-e", "reason='incident 4711'").count(": halted") == 2
    assert "halted since" in operator.types("playbooks/status.yml")
    told = operator.types(*BLOCK, "-e", "for=30s", code=2)
    assert "this host is halted: incident 4711" in told
    assert "released" in operator.types(*halt, "-e", "release=true")


def test_a_fault_is_held_for_its_time_and_no_longer(clean):
    command = clean.begins(*BLOCK, "-e", "for=15s")
    holds(command)
    assert any("192.0.2.9" in rule for rule in clean.lab.rules("lab01"))
    assert command.wait() == 0, command.said
    assert command.said.count("its time is over") == 2


def test_ctrl_c_takes_it_away(clean):
    command = clean.begins(*BLOCK, "-e", "for=10m")
    holds(command)
    os.killpg(command.process.pid, signal.SIGINT)  # as a terminal does
    assert command.wait() != 0
    assert clean.lab.rules("lab01") + clean.lab.rules("lab02") == [], "before the prompt is back"


def test_a_controller_that_is_killed_holds_nothing(clean):
    command = clean.begins(*BLOCK, "-e", "for=10m")
    holds(command)
    command.kill()
    until(lambda: not clean.lab.rules("lab01") + clean.lab.rules("lab02"), "the rules are gone")
    command.end()


def test_a_controller_of_which_nobody_is_left_holds_nothing_beyond_the_lease(clean):
    command = clean.begins(*BLOCK, "-e", "for=10m")
    holds(command)
    workers = psutil.Process(command.process.pid).children(recursive=True)
    command.kill()
    signal_each(signal.SIGKILL, workers)
    assert clean.lab.rules("lab01"), "nobody could take it away"
    until(lambda: not clean.lab.rules("lab01") + clean.lab.rules("lab02"), "the rules are gone")


def test_what_is_held_is_held_once_and_whoever_ends_it_is_obeyed(clean):
    command = clean.begins(*BLOCK, "-e", "for=10m")
    holds(command)
    assert "is held on lab01 already" in clean.types(*BLOCK, "-e", "for=10m", code=2)
    assert "network_block, for" in clean.types("playbooks/status.yml")
    assert "undone: held by hand" in clean.types("playbooks/recover.yml", "-e", "recover=force")
    assert command.wait() == 2
    assert "lab01: the host let go, somebody ended it" in command.said


def test_a_host_whose_link_is_cut_lets_go_by_itself_and_the_others_go_on(clean):
    command = clean.begins(*BLOCK, "-e", "for=50s")
    holds(command)
    clean.lab.link_down("lab01")
    until(lambda: not clean.lab.rules("lab01"), "lab01 lets go")
    assert clean.lab.rules("lab02")
    clean.lab.link_up("lab01")
    assert command.wait() == 2
    assert "lab01: the host let go" in command.said
    assert "lab02: network_block is away" in command.said


def test_a_volume_is_held_on_a_folder(clean):
    for host in clean.lab.hosts:
        clean.lab.inside(host, ["mkdir", "-p", "/srv/cache"])
    words = ["playbooks/hold.yml", "-e", "fault=ram_volume", "-e", "on=/srv/cache", "-e", "for=15s"]
    assert "`` is no size" in clean.types(*words, code=2)
    command = clean.begins(*words, "-e", "size=1MB")
    holds(command)
    assert any(" /srv/cache tmpfs " in mount for mount in clean.lab.mounts("lab01"))
    assert command.wait() == 0, command.said
    assert not any("/srv/cache" in mount for mount in clean.lab.mounts("lab01"))


def test_a_halt_ends_the_run_and_forbids_the_next_until_it_is_released(clean):
    run = clean.begins_a_long_run()
    assert "alive" in clean.types("playbooks/status.yml")
    told = clean.types("playbooks/halt.yml", "-e", "reason='incident 4712'", "-e", "halted_by=ops@desk")
    assert told.count(": halted") == 2
    assert "ended, process" in told
    assert run.wait() == 2
    assert "halt, by ops@desk: incident 4712" in str(run.document())
    assert "halted: incident 4712" in clean.types(*LONG, code=2)
    clean.types("playbooks/halt.yml", "-e", "release=true")
    quick = ["stress.yml", "--tags", "run,report", "-e", "scenarios=baseline"]
    assert "passed" in clean.types(*quick)


def test_recover_undoes_a_run_of_which_nobody_is_left(clean):
    run = clean.begins_a_long_run()
    run.kill()
    run.end()  # first: whoever watches would hand the plan over again
    signal_each(signal.SIGSTOP, clean.ours("lab01"))  # nobody may react to another's death
    signal_each(signal.SIGKILL, clean.ours("lab01"))
    left_alone = clean.types("playbooks/recover.yml", "--check")
    assert "lab01: would be undone: run" in left_alone
    assert "lab02: alive, and left alone" in left_alone
    told = clean.types("playbooks/recover.yml")
    assert "lab01: undone: run" in told
    assert "lab02: alive, and left alone" in told
    assert clean.ours("lab01") == []
    forced = clean.types("playbooks/recover.yml", "-e", "recover=force")
    assert "lab01: nothing was left" in forced
    assert "lab02: undone: run" in forced
    again = clean.types("playbooks/recover.yml", "-e", "recover=force")
    assert again.count("nothing was left") == 2
    assert "means nothing" in clean.types("playbooks/recover.yml", "-e", "recover=farce", code=2)


def test_a_host_that_does_not_answer_is_named_and_the_others_are_recovered(clean):
    clean.lab.mute("lab02")
    began = time.monotonic()
    told = clean.types("playbooks/recover.yml", code=2)
    clean.lab.unmute("lab02")
    assert "lab01: nothing" in told
    assert "lab02 could not be reached" in told
    assert time.monotonic() - began < 600
