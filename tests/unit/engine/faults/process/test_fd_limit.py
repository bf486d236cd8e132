"""``fd_limit``: the kernel lets a real process open so many, none, and as many as before."""

import subprocess
import sys

import psutil
import pytest

from fleet_stress import system
from fleet_stress.faults.process.fd_limit import FAULT
from fleet_stress.faults.protocol import Where
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import make_site

pytestmark = pytest.mark.linux
#: Opens a file for each line that it is told, and says how that went.
BOT = """
import sys
kept = []
print("ready", flush=True)
for line in sys.stdin:
    try:
        kept.append(open("/dev/null"))
        print("opened", flush=True)
    except OSError as problem:
        print(problem, flush=True)
"""


@pytest.fixture
def bot():
    bot = subprocess.Popen(
        [sys.executable, "-c", BOT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert bot.stdout.readline() == "ready\n"
    yield bot
    bot.kill()
    bot.communicate()


def opens(bot):
    bot.stdin.write("one\n")
    bot.stdin.flush()
    return bot.stdout.readline().strip()


def site_of(folder, *bots):
    log = Tracked("errors", "log/errors.log", folder / "log/errors.log", "text", (), None)
    site = make_site(
        folder, processes=lambda: [psutil.Process(one.pid) for one in bots if one.poll() is None]
    )
    return site._replace(files={"errors": log})


def test_none_is_left_and_then_as_many_as_before(tmp_path, bot):
    site, none = site_of(tmp_path, bot), {"left": 0, "measured_for": 0.05}
    before = system.descriptor_limit(bot.pid)
    memory = FAULT.apply(site, none)
    said = opens(bot)
    assert "Too many open files" in said
    site.files["errors"].path.write_text(f"{said}\n")

    proof = FAULT.prove(site, none, memory)

    assert proof.bit
    [process] = proof.details["processes"].values()
    assert process["limit"] == process["at_rest"] == process["taken_at_the_end"]
    assert proof.details["told"] == 1
    assert FAULT.revert(site, none, memory) == {"limits": {str(bot.pid): before}}
    assert opens(bot) == "opened"


def test_some_are_left(tmp_path, bot):
    site, some = site_of(tmp_path, bot), {"left": 2, "measured_for": 0.05}
    memory = FAULT.apply(site, some)
    assert [opens(bot) for _ in range(3)] == [
        "opened",
        "opened",
        "[Errno 24] Too many open files: '/dev/null'",
    ]
    assert FAULT.prove(site, some, memory).bit
    FAULT.revert(site, some, memory)


def test_a_bot_that_opened_nothing_meanwhile_proves_nothing(tmp_path, bot):
    site, none = site_of(tmp_path, bot), {"left": 0, "measured_for": 0.05}
    memory = FAULT.apply(site, none)
    proof = FAULT.prove(site, none, memory)
    FAULT.revert(site, none, memory)

    assert not proof.bit
    assert "says `Too many open files`" in proof.details["why"]


def test_one_that_raised_its_limit_again_is_seen(tmp_path, bot):
    site, some = site_of(tmp_path, bot), {"left": 2, "measured_for": 0.05}
    memory = FAULT.apply(site, some)
    system.limit_descriptors(bot.pid, memory["before"][bot.pid])
    assert "another limit" in FAULT.prove(site, some, memory).details["why"]
    FAULT.revert(site, some, memory)


def test_nobody_to_limit_proves_nothing(tmp_path):
    site = site_of(tmp_path)
    memory = FAULT.apply(site, {"left": 2, "measured_for": 0.05})
    proof = FAULT.prove(site, {"left": 2}, memory)

    assert not proof.bit
    assert "no process of the bot ran" in proof.details["why"]
    assert FAULT.revert(site, {"left": 2}, memory) == {"limits": {}}


def test_where_nobody_elses_limit_can_be_changed_it_is_not_promised(tmp_path, monkeypatch):
    assert FAULT.supported(Where(tmp_path, {}, None), {"left": 0}) is None
    monkeypatch.setattr(system, "why_no_descriptor_limits", lambda: "there is no prlimit")
    assert FAULT.supported(Where(tmp_path, {}, None), {"left": 0}).reason == "there is no prlimit"
