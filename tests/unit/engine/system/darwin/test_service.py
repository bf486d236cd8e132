"""The watchdog as a job of launchd, on a Mac made of doubles: on record before it is loaded, and gone in the end."""

import json
import os
import plistlib
import signal
import sys
import time

import pytest

from fleet_stress import system
from fleet_stress.recovery import host_lock, watchdog
from fleet_stress.recovery.recover import recover, tidy
from fleet_stress.store import layout
from fleet_stress.store.layout import RunFolder
from fleet_stress.system import own_python, programs
from fleet_stress.system.darwin import service
from tests.doubles import launchctl
from tests.doubles.fixture import mac  # noqa: F401
from tests.doubles.processes import lives

pytestmark = pytest.mark.root  # launchd's system domain is root's alone

SLEEPER = [sys.executable, "-IS", "-c", "import time; time.sleep(600)"]
#: Takes a run's guard as the watchdog does, and watches nobody.
GUARD = """
import sys, time
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from fleet_stress.recovery.host_lock import FileLock
with FileLock(Path(sys.argv[1]), {"doing": "watching"}): time.sleep(600)
"""


@pytest.fixture
def run(tmp_path):
    """A run of a folder that is ours."""
    (tmp_path / layout.MARKER).write_text("{}")
    folder = RunFolder(tmp_path / "runs/r1")
    folder.path.mkdir(parents=True)
    folder.journal.write_text("")
    return folder


def started(run, argv=SLEEPER):
    return system.start_service(argv, "watchdog.r1", run.watchdog_record, run.path / "watchdog.log")


def until(true):
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def jobs(mac):  # noqa: F811
    with mac.state() as now:
        return {label: dict(job) for label, job in now.get("launchd", {}).items()}


def test_launchd_runs_it_and_it_is_taken_away_as_often_as_one_likes(mac, run):  # noqa: F811
    assert started(run)
    [(label, job)] = jobs(mac).items()
    assert label == "fleet-stress.watchdog.r1"
    os.kill(job["pid"], 0)

    for _ in range(2):
        system.end_service(run.watchdog_record)

    assert jobs(mac) == {}
    assert not run.watchdog_record.exists()


def test_it_runs_at_once_and_is_caught_up_with_after_sleep(mac, run):  # noqa: F811
    """launchd.plist(5): what ``StartInterval`` would have begun during sleep is missed."""
    started(run)
    plist = plistlib.loads(run.watchdog_record.read_bytes())
    assert plist["RunAtLoad"] is True
    assert plist["KeepAlive"] == {"SuccessfulExit": False}
    assert [item["Minute"] for item in plist["StartCalendarInterval"]] == list(range(60))
    assert "StartInterval" not in plist
    assert plist["ProgramArguments"] == SLEEPER
    system.end_service(run.watchdog_record)


def test_one_that_was_killed_runs_again_by_itself_within_a_minute_or_at_once_when_asked(mac, run):  # noqa: F811
    started(run)
    for again in (lambda now: launchctl.fire(now), lambda _: started(run)):
        [job] = jobs(mac).values()
        os.kill(job["pid"], signal.SIGKILL)
        until(lambda pid=job["pid"]: not lives(pid))
        if again.__code__.co_varnames[0] == "now":
            with mac.state() as now:
                again(now)
        else:
            again(None)
        [new] = jobs(mac).values()
        assert new["pid"] != job["pid"]
        assert lives(new["pid"])
    system.end_service(run.watchdog_record)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2])
def test_whoever_is_killed_around_it_what_is_loaded_is_on_record(mac, run, call, when):  # noqa: F811
    mac.kill_at(len(mac.calls) + call, when)
    child = os.fork()
    if child == 0:
        started(run)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    mac.kill_at(None, None)

    report = recover(run.stress_dir)

    assert (report["changed"], report["failed"]) == (True, [])
    assert jobs(mac) == {}
    assert not run.watchdog_record.exists()
    assert recover(run.stress_dir)["changed"] is False


def test_a_record_that_was_cut_off_stands_for_nothing_loaded(mac, run):  # noqa: F811
    for cut in (
        b"",
        b"<?xml",
        plistlib.dumps({}),
        plistlib.dumps([]),
        plistlib.dumps({"Label": "com.apple.ftpd"}),
    ):
        run.watchdog_record.write_bytes(cut)
        system.end_service(run.watchdog_record)
        assert not run.watchdog_record.exists()
    assert mac.calls == []


def test_a_run_that_is_tidied_away_takes_its_job_along(mac, run):  # noqa: F811
    started(run)
    tidy(run.stress_dir, keep=0)
    assert jobs(mac) == {}
    assert not run.path.exists()


def test_without_root_it_is_a_process_of_our_own(mac, run, monkeypatch):  # noqa: F811
    monkeypatch.setattr(os, "geteuid", lambda: 501)
    assert not started(run)
    assert mac.calls == []


def test_what_launchd_refuses_is_no_service_and_leaves_nothing(mac, run):  # noqa: F811
    run.path.chmod(0o755)
    assert not started(run, ["python", "relative"])
    assert jobs(mac) == {}
    system.end_service(run.watchdog_record)


def test_the_watchdog_is_armed_through_it_and_dismissed(mac, run, monkeypatch):  # noqa: F811
    monkeypatch.setattr(own_python, "sys", python_that_guards(run))
    watchdog.arm_for_run(run)
    [job] = jobs(mac).values()
    assert watchdog.pid(run) == job["pid"]
    assert [call[:2] for call in mac.calls] == [["launchctl", "bootstrap"], ["launchctl", "print"]]

    watchdog.dismiss(run)

    assert watchdog.pid(run) is None
    assert jobs(mac) == {}


def test_a_job_that_is_taken_and_never_starts_is_a_process_of_our_own(mac, run, monkeypatch):  # noqa: F811
    """Its property list is fine, and its program is one that launchd does not start."""
    monkeypatch.setattr(watchdog, "_SERVED_WITHIN", 0.2)
    monkeypatch.setattr(service, "property_list", unstartable(service.property_list))
    monkeypatch.setattr(own_python, "sys", python_that_guards(run))
    watchdog.arm_for_run(run)
    assert watchdog.pid(run)
    assert jobs(mac) == {}
    watchdog.dismiss(run)
    assert host_lock.holder_of(run.watchdog) is None


def unstartable(real):
    return lambda argv, *rest: real(["/nonexistent/python", *argv[1:]], *rest)


def python_that_guards(run):
    """In the place of ``sys``: its interpreter is a program that takes the run's guard, whatever it is told."""
    program = run.path / "python"
    root = str(layout.__file__).rsplit("/", 3)[0]
    more = [item for item in sys.path if "site-packages" in item]
    words = json.dumps([sys.executable, "-c", GUARD, str(run.watchdog), root, *more])
    program.write_text(f"#!{sys.executable} -IS\nimport os\nwords = {words}\nos.execv(words[0], words)\n")
    program.chmod(0o755)
    return type("Sys", (), {"executable": str(program), "stderr": sys.stderr})


def test_the_host_is_kept_awake_for_as_long_as_somebody_lives(mac):  # noqa: F811
    command = system.stay_awake_command(os.getpid())
    assert command[1:] == ["-i", "-m", "-w", str(os.getpid())]
    assert os.path.basename(command[0]) == "caffeinate"  # noqa: PTH119
    assert programs.run(command).code == 0
    assert mac.left() == [f"kept awake for process {os.getpid()}"]
    with mac.state() as now:
        now["awake"] = [2**22 + 1]
    assert mac.left() == []
