"""What a run leaves on its host is read by root and the bot's user alone, while it goes on and afterwards."""

import json
import os
from pathlib import Path

import pytest

from fleet_stress.recovery.manual.records import Records
from fleet_stress.run.archive import part
from fleet_stress.run.handover import hand_over

from .conftest import BASELINE, result, scenario, start, until, wait

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow]

#: Neither root nor the bots' user, and in none of their groups.
STRANGER = 54321
CANARY = "CANARY-of-this-host"


def seen_by(uid, folder):
    """What another user of the host can list, read or lock below a folder: names relative to it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
        found = []
        below = [
            Path(parent, name) for parent, folders, names in os.walk(folder) for name in (*folders, *names)
        ]
        for path in (folder, *below):
            try:
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
                found.append(str(path))
            except OSError:
                continue
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        found = json.loads(stream.read())
    os.waitpid(child, 0)
    return found


def test_nobody_else_reads_or_lists_anything_of_a_run(make_plan, stress_dir):
    forever = scenario("forever", [start(9999), wait("first_cycle"), wait(then=600.0)], within=900.0)
    plan = make_plan([BASELINE, forever])
    run_dir = Path(hand_over(plan)["run_dir"])
    with Records(stress_dir, "by a test"):  # which makes its folder, as whoever holds something does
        pass
    # By name as well: whoever guesses a run's id gets no further than whoever lists.
    named = [
        run_dir / name for name in ("", "plan.json", "journal.jsonl", "supervisor.log", "evidence", "arenas")
    ]
    until((run_dir / "verdicts/baseline.json").exists, "the baseline is judged")

    during = [seen_by(STRANGER, path) for path in (stress_dir / "runs", stress_dir / "by_hand", *named)]

    os.kill(json.loads((stress_dir / "lock").read_text())["pid"], 15)
    result(run_dir)
    part(run_dir, 0, 100)
    afterwards = [seen_by(STRANGER, path) for path in (stress_dir / "runs", stress_dir / "by_hand", *named)]
    assert [names for names in during + afterwards if names] == []
    assert {"archive.tar.gz", "result.json", "verdicts/baseline.json"} <= {
        str(path.relative_to(run_dir)) for path in run_dir.rglob("*")
    }
    open_ones = [path.name for path in run_dir.iterdir() if path.is_file() and path.stat().st_mode & 0o077]
    assert open_ones == []


def test_the_bots_user_gets_through_to_its_arena_and_reads_neither_plan_nor_evidence(make_plan, stress_dir):
    look = f"open('{stress_dir}/runs/' + __import__('os').environ['FLEET_STRESS_RUN'].split('.')[0] + '/%s')"
    names = ("plan.json", "journal.jsonl", "supervisor.log", "evidence/baseline/evidence.json")
    tries = "\n".join(
        f"try:\n    {look % name}; seen.append('{name}')\nexcept PermissionError:\n    pass" for name in names
    )
    before = f"seen = []\n{tries}\nsave('seen.json', seen)"

    run_dir = Path(hand_over(make_plan([BASELINE], before=before))["run_dir"])

    assert result(run_dir)["scenarios"][0]["verdict"] == "passed"
    assert json.loads((run_dir / "arenas/baseline/state/seen.json").read_text()) == []


def test_the_bots_environment_is_built_from_nothing(make_plan, monkeypatch):
    """Law 5: what whoever hands the plan over has in its environment is not the bot's."""
    for name in (
        "AWS_SECRET_ACCESS_KEY",
        "PYTHONPATH_",
        "SSH_AUTH_SOCK",
        "EXCHANGE_API_KEY",
        "PIP_INDEX_URL",
    ):
        monkeypatch.setenv(name, CANARY)
    before = "save('seen.json', dict(os.environ)); print(sorted(os.environ))"

    run_dir = Path(hand_over(make_plan([BASELINE], before=before))["run_dir"])

    assert result(run_dir)["scenarios"][0]["verdict"] == "passed"
    seen = json.loads((run_dir / "arenas/baseline/state/seen.json").read_text())
    ours = {"PATH", "HOME", "TMPDIR", "USER", "LOGNAME", "LANG", "FLEET_STRESS_RUN"}
    profiles = {"STATE_DIR", "LOG_DIR", "MAX_CYCLES", "SCAN_INTERVAL_SECONDS"}
    # Python itself sets LC_CTYPE where the locale is C.
    assert set(seen) - {"LC_CTYPE"} == ours | profiles
    assert (
        seen["TMPDIR"] == "/tmp"
    )  # the arena's own is mounted there: sockets of multiprocessing fit into no longer name
    kept = [path for path in run_dir.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert kept == []
