"""A plan goes in, a result comes out; and nothing is left on the host."""

import json
import os
from pathlib import Path

import pytest

from fleet_stress.recovery.recover import recover, tidy
from fleet_stress.recovery.undo import open_records
from fleet_stress.run.archive import archive
from fleet_stress.run.handover import Refused, hand_over

from .conftest import BASELINE, FOREVER, RUN, bots_of, evidence, result, scenario, send, start, verdicts, wait

KILL = scenario("kill", [start(9999), wait("first_cycle", then=0.2), send("KILL"), start(3), wait("exit")])


def test_a_healthy_bot_passes_and_nothing_is_left(make_plan, stress_dir):
    run_dir = Path(hand_over(make_plan([BASELINE, KILL]))["run_dir"])

    found = result(run_dir)

    assert verdicts(found) == {"baseline": "passed", "kill": "passed"}
    assert found["stopped"] is None
    assert found["leftovers"] == []
    assert bots_of(RUN) == []
    assert open_records(run_dir / "journal.jsonl") == []
    assert sorted(path.name for path in (run_dir / "arenas" / "kill").iterdir()) == ["log", "state"]


def test_what_a_kill_looks_like_in_the_evidence(make_plan):
    run_dir = hand_over(make_plan([KILL]))["run_dir"]
    result(run_dir)

    killed, restarted = evidence(run_dir, "kill")["starts"]

    assert killed["exit"]["signal"] == "KILL"
    assert killed["signals"][0]["after_cycles"] >= 1
    assert (restarted["exit"]["code"], restarted["exit"]["by"]) == (0, "itself")
    assert restarted["cycles"][-1]["n"] == 3
    before = evidence(run_dir, "kill")["snapshots"]["snapshots/02-before"]["files"]
    assert Path(run_dir, "evidence/kill/snapshots/02-before/state/status.json").exists()
    assert before["state/status.json"]["kept"]


@pytest.mark.parametrize("signal_name", ["TERM", "INT"])
def test_a_signal_reaches_a_bot_whose_starter_ignores_it(make_plan, signal_name, monkeypatch):
    # A background job of a shell ignores SIGINT, and so would its children.
    import signal

    was = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        plan = make_plan([scenario("s", [start(9999), wait("first_cycle"), send(signal_name)])])
        run_dir = hand_over(plan)["run_dir"]
        result(run_dir)
    finally:
        signal.signal(signal.SIGINT, was)

    [only] = evidence(run_dir, "s")["starts"]
    assert (only["exit"]["code"], only["exit"]["by"]) == (0, "signal")


def test_the_environment_is_built_from_nothing(make_plan, monkeypatch):
    monkeypatch.setenv("CANARY_SECRET", "do-not-tell")
    before = "json.dump(dict(os.environ), open(f'{state}/seen.json', 'w'))"
    run_dir = hand_over(make_plan([BASELINE], before=before))["run_dir"]
    result(run_dir)

    seen = json.loads(Path(run_dir, "arenas/baseline/state/seen.json").read_text())

    assert "CANARY_SECRET" not in seen
    assert {"STATE_DIR", "LOG_DIR", "HOME", "PATH", "FLEET_STRESS_RUN"} <= set(seen)
    everything = b"".join(path.read_bytes() for path in Path(run_dir).rglob("*") if path.is_file())
    assert b"do-not-tell" not in everything


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_the_bot_is_not_root_and_writes_outside_are_seen(make_plan):
    before = (
        "json.dump(os.getuid(), open(f'{state}/uid.json', 'w')); open('beside-main', 'w').write('x');"
        " open('/tmp/in-shared-tmp', 'w').write('x')"
    )
    run_dir = hand_over(make_plan([BASELINE], before=before))["run_dir"]
    result(run_dir)

    assert json.loads(Path(run_dir, "arenas/baseline/state/uid.json").read_text()) != 0
    outside = {write["path"] for write in evidence(run_dir, "baseline")["outside"]}
    assert outside == {"bot/beside-main", "tmp/in-shared-tmp"}
    assert not Path("/tmp/in-shared-tmp").exists()


def test_a_child_that_hides_is_found_and_ended(make_plan):
    # It leaves its parent, its session and its environment behind, and outlives the bot.
    before = "import subprocess; subprocess.Popen(['/bin/sh', '-c', 'setsid env -i sleep 567 & '])"
    run_dir = hand_over(make_plan([BASELINE], before=before))["run_dir"]
    result(run_dir)

    [left] = evidence(run_dir, "baseline")["starts"][0]["left"]
    assert "sleep 567" in left["cmdline"]
    assert not Path(f"/proc/{left['pid']}").exists()


def test_a_bot_that_never_cycles_is_ended_at_the_deadline(make_plan):
    stuck = scenario("stuck", [start(5), wait("first_cycle", within=1.0)])
    run_dir = hand_over(make_plan([stuck], before="stop.wait(600)"))["run_dir"]
    result(run_dir)

    seen = evidence(run_dir, "stuck")
    assert seen["starts"][0]["exit"]["by"] == "engine"
    assert seen["ended"]["outcome"] == "cut_short"
    assert bots_of(RUN) == []


def test_a_command_line_that_cannot_be_started_is_our_error_with_the_reason(make_plan):
    plan = make_plan([BASELINE], argv=["/nowhere/bot"])
    found = result(hand_over(plan)["run_dir"])

    [entry] = found["scenarios"]
    assert entry["verdict"] == "error"
    assert "/nowhere/bot" in entry["reasons"][0]


def test_companions_are_ready_before_the_bot_and_gone_after_it(make_plan):
    companion = {
        "name": "exchange",
        "program": {"name": "exchange.sh", "text": "echo 4711 > $1; exec sleep 600"},
        "argv": ["/bin/sh", "${program}", "${tmp_dir}/ready"],
        "ready_file": "${tmp_dir}/ready",
    }
    before = "json.dump(os.environ['PORT'], open(f'{state}/port.json', 'w'))"
    environment = {"STATE_DIR": "${state_dir}", "LOG_DIR": "${log_dir}", "PORT": "${exchange.ready}"}
    plan = make_plan([BASELINE], before=before, companions=[companion], environment=environment)
    run_dir = hand_over(plan)["run_dir"]
    found = result(run_dir)

    assert json.loads(Path(run_dir, "arenas/baseline/state/port.json").read_text()) == "4711"
    assert verdicts(found) == {"baseline": "passed"}
    assert evidence(run_dir, "baseline")["outside"] == []
    assert bots_of(RUN) == []


def test_a_busy_host_says_who_and_since_when(make_plan):
    hand_over(make_plan([FOREVER]))

    with pytest.raises(
        Refused,
        match=rf"host is busy: run {RUN} of bot \w+ \(pid \d+, profile \w+\) started 20.*recover=force",
    ):
        hand_over(make_plan([BASELINE], run_id="r2", plan_hash="another"))


def test_tidy_keeps_the_newest_record_and_nothing_else(make_plan, stress_dir):
    for name in (RUN, f"{RUN}b"):
        run_dir = hand_over(make_plan([BASELINE], run_id=name, plan_hash=name))["run_dir"]
        result(run_dir)
        archive(Path(run_dir))

    assert tidy(stress_dir, keep=1)["changed"]
    assert not (stress_dir / f"runs/{RUN}").exists()
    kept = {path.name for path in (stress_dir / f"runs/{RUN}b").iterdir()}
    assert {"plan.json", "journal.jsonl", "result.json", "arenas"} <= kept
    assert not kept & {"evidence", "archive.tar.gz"}
    assert tidy(stress_dir, keep=1) == {"changed": False, "removed": []}
    assert recover(stress_dir)["changed"] is False
