"""``fd_limit``: the kernel lets a real process open so many, none, and as many as before."""

import subprocess
import sys

import psutil
import pytest

from fleet_stress import system
from fleet_stress.faults.process.fd_limit import FdLimit
from fleet_stress.faults.site import Where
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.faults.conftest import applied, make_site

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
        folder, processes=lambda: [psutil.Process(process.pid) for process in bots if process.poll() is None]
    )
    return site._replace(files={"errors": log})


def test_none_is_left_and_then_as_many_as_before(tmp_path, bot):
    site, none = site_of(tmp_path, bot), {"left": 0, "measured_for": 0.05}
    before = system.descriptor_limit(bot.pid)
    fault = applied(FdLimit, site, none)
    said = opens(bot)
    assert "Too many open files" in said
    site.files["errors"].path.write_text(f"{said}\n")

    proof = fault.prove()

    assert proof.took_effect
    [process] = proof.details["processes"].values()
    assert process["limit"] == process["at_rest"] == process["taken_at_the_end"]
    assert proof.details["told"] == 1
    assert fault.revert() == {"limits": {str(bot.pid): before}}
    assert opens(bot) == "opened"


def test_some_are_left(tmp_path, bot):
    site, some = site_of(tmp_path, bot), {"left": 2, "measured_for": 0.05}
    fault = applied(FdLimit, site, some)
    assert [opens(bot) for _ in range(3)] == [
        "opened",
        "opened",
        "[Errno 24] Too many open files: '/dev/null'",
    ]
    assert fault.prove().took_effect
    fault.revert()


def test_a_share_of_what_was_seen_is_more_for_who_has_more(tmp_path, bot):
    fault = FdLimit(site_of(tmp_path, bot), {"left": 2, "share": 0.5})
    assert fault._left(set(range(4)), set(range(40))) == 36
    assert fault._left(set(range(40)), set(range(40))) == 20
    assert fault._left({0, 1}, {0, 1}) == 2


def test_a_bot_that_opened_nothing_meanwhile_proves_nothing(tmp_path, bot):
    site, none = site_of(tmp_path, bot), {"left": 0, "measured_for": 0.05}
    fault = applied(FdLimit, site, none)
    proof = fault.prove()
    fault.revert()

    assert not proof.took_effect
    assert "says `Too many open files`" in proof.details["why"]


def test_one_that_raised_its_limit_again_is_seen(tmp_path, bot):
    site, some = site_of(tmp_path, bot), {"left": 2, "measured_for": 0.05}
    fault = applied(FdLimit, site, some)
    system.limit_descriptors(bot.pid, fault._before[bot.pid])
    assert "another limit" in fault.prove().details["why"]
    fault.revert()


def test_one_that_ends_meanwhile_is_no_matter(tmp_path, bot):
    """The `sleep` of a shell that works in cycles."""
    brief = subprocess.Popen(["sleep", "600"])
    fault = applied(FdLimit, site_of(tmp_path, bot, brief), {"left": 3, "measured_for": 0.05})
    assert brief.pid in fault._limits
    brief.kill()
    brief.wait()
    assert fault.prove().took_effect
    fault.revert()


def test_nobody_to_limit_proves_nothing(tmp_path):
    site = site_of(tmp_path)
    fault = applied(FdLimit, site, {"left": 2, "measured_for": 0.05})
    proof = fault.prove()

    assert not proof.took_effect
    assert "no process of the bot ran" in proof.details["why"]
    assert fault.revert() == {"limits": {}}


def test_where_nobody_elses_limit_can_be_changed_it_is_not_promised(tmp_path, monkeypatch):
    assert FdLimit.supported(Where(tmp_path, {}, None), {"left": 0}) is None
    monkeypatch.setattr(system, "why_no_descriptor_limits", lambda: "there is no prlimit")
    assert FdLimit.supported(Where(tmp_path, {}, None), {"left": 0}).reason == "there is no prlimit"
