"""A disk that is full, in a real run: what the bot met and said, and that nothing is left whoever dies."""

import os
import signal
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.handover import hand_over
from fleet_stress.store.deletion import named

from .conftest import RUN, bots_of, evidence, result, scenario, send, start, until, verdicts, wait
from .test_deaths import arena_of, supervisor

pytestmark = [pytest.mark.root, pytest.mark.linux]

#: A bot that goes on when it cannot write, and says so.
HONEST = """
plain = save
def save(name, document):
    try:
        plain(name, document)
    except OSError as problem:
        os.path.exists(f"{state}/{name}.tmp") and os.unlink(f"{state}/{name}.tmp")
        print(name, "could not be saved:", problem, file=sys.stderr, flush=True)
"""
MESSAGES = {"write_failed": "could not be saved.*No space left"}
CHECKS = ("write_failure_told", "good_state_kept", "state_valid", "state_fresh", "no_traceback")


def fault(name, **arguments):
    return {"verb": "fault", "args": {"fault": name, "args": arguments}}


VOLUME = fault("ram_volume", folder="both", size="256KB")
FULL = fault("fill", folder="state", until_free="0B")
FLOOD = fault("fill", folder="log", size="10KB", count=5)


def full_disk(name, *, then):
    expect = [{"check": name, "args": {}} for name in CHECKS]
    steps = [VOLUME, start(9999, 0.05), wait("cycles", cycles=3), FULL, wait("met", cycles=6), *then]
    return scenario(name, steps, expect=expect)


LIFTED = full_disk(
    "lifted", then=[{"verb": "lift", "args": {"fault": "fill"}}, wait("more_cycles", cycles=3), send("TERM")]
)
ENDLESS = full_disk("endless", then=[wait(None, then=600.0)])


def left(run_dir, name):
    """Mounts and files of ours that are there for anybody to see."""
    arena = Path(run_dir, "arenas", name)
    mounts = [mount for mount in system.mounts() if mount.point.startswith(str(arena))]
    return mounts + [path for folder in ("state", "log") for path in named(arena / folder, "fleet-stress-")]


#: It appends to a log that it keeps open: when that fails, nobody but the bot sees it.
APPENDS = """
log = open(os.environ["LOG_DIR"] + "/errors.log", "ab", buffering=0)
plain = save
def save(name, document):
    plain(name, document)
    try:
        log.write(b"x" * 5000)
    except OSError as problem:
        print("its log could not be saved:", problem, file=sys.stderr, flush=True)
"""


def test_what_only_the_bot_can_see_counts_when_it_says_so(make_plan):
    log_volume = fault("ram_volume", folder="log", size="256KB")
    full = fault("fill", folder="log", until_free="0B")
    steps = [log_volume, start(9999, 0.05), wait("cycles", cycles=3), full, wait("met", cycles=3)]
    expect = [{"check": "write_failure_told", "args": {}}, {"check": "state_valid", "args": {}}]
    logs = {
        "errors": {
            "path": "errors.log",
            "format": "text",
            "required": True,
            "rewritten": "never",
            "never_back": [],
        }
    }
    saying = scenario("told", [*steps, send("TERM")], expect=expect)
    run_dir = hand_over(make_plan([saying], before=APPENDS, messages=MESSAGES, logs=logs))["run_dir"]

    assert verdicts(result(run_dir)) == {"told": "passed"}
    assert evidence(run_dir, "told")["faults"][1]["proof"]["tried"] == {}
    assert "its log could not be saved" in Path(run_dir, "evidence/told/start-01.err").read_text()


def test_the_bot_meets_it_says_so_and_keeps_its_state(make_plan):
    run_dir = hand_over(make_plan([LIFTED], before=HONEST, messages=MESSAGES))["run_dir"]

    found = result(run_dir)

    assert verdicts(found) == {"lifted": "passed"}, found["scenarios"][0]["reasons"]
    fill = evidence(run_dir, "lifted")["faults"][1]
    assert fill["proof"]["last"]["free_bytes"] == 0
    # Six times by what it says, or by what is seen of it: the one may be ahead of the other.
    assert fill["proof"]["tried"]
    assert set(fill["proof"]["tried"]) <= {"state/status.json.tmp", "state/health.json.tmp"}
    assert left(run_dir, "lifted") == []
    # What stood on the volume is the record of the bot's state.
    assert Path(run_dir, "arenas/lifted/state/status.json").is_file()


@pytest.mark.parametrize(
    ("bot", "reason"),
    [
        ("", "the bot ended before (exit code 1)"),
        (HONEST.replace("print(", "(lambda *_, **__: None)("), "neither its output nor its logs report"),
        (
            HONEST.replace("        print(", "        open(f'{state}/{name}', 'w').close()\n        print("),
            "is no valid JSON when the disk has room again",
        ),
    ],
)
def test_one_that_dies_is_silent_or_loses_its_state_is_told_so(make_plan, bot, reason):
    run_dir = hand_over(make_plan([LIFTED], before=bot, messages=MESSAGES))["run_dir"]
    [entry] = result(run_dir)["scenarios"]
    assert entry["verdict"] == "failed"
    assert any(reason in finding["reason"] for finding in entry["findings"]), entry["findings"]


def stands(run_dir):
    """The fault has been applied: the journal tells of the wait after it."""
    return '"path": "5"' in Path(run_dir, "journal.jsonl").read_text()


@pytest.mark.parametrize("victim", ["arena", "supervisor"])
def test_kill_9_while_it_stands_leaves_nothing(make_plan, stress_dir, victim):
    run_dir = hand_over(make_plan([ENDLESS], before=HONEST, messages=MESSAGES))["run_dir"]
    until(lambda: stands(run_dir), "the disk is full")
    if victim == "arena":
        arena_of(RUN, "endless").kill()
        assert verdicts(result(run_dir)) == {"endless": "error"}
    else:
        os.kill(supervisor(stress_dir), signal.SIGKILL)
        until(lambda: arena_of(RUN, "endless") is None, "the arena follows its supervisor")
        until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")

    assert bots_of(RUN) == []
    assert left(run_dir, "endless") == []
    assert open_records(Path(run_dir, "journal.jsonl")) == []


def test_kill_9_of_all_of_ours_and_recover_removes_the_files_from_the_hosts_disk(make_plan, stress_dir):
    flood = scenario("flood", [FLOOD, start(9999), wait("exit", within=600.0)])
    run_dir = hand_over(make_plan([flood]))["run_dir"]
    until(lambda: bots_of(RUN), "the bot runs beside the files")
    assert len(left(run_dir, "flood")) == 5
    arena = arena_of(RUN, "flood")
    arena.suspend()  # it must not see its supervisor die
    os.kill(supervisor(stress_dir), signal.SIGKILL)
    arena.kill()
    until(lambda: arena_of(RUN, "flood") is None, "the arena is gone")
    until(lambda: host_lock.holder(stress_dir) is None, "the supervisor is gone")
    assert len(left(run_dir, "flood")) == 5

    assert recover(stress_dir)["failed"] == []

    assert left(run_dir, "flood") == []
    assert recover(stress_dir)["changed"] is False
