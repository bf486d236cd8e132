"""Lock time-outs under a slow disk are a note, seen or not; of other scenarios there is none."""

import pytest

from fleet_stress.judge.case import Case
from fleet_stress.judge.lock_timeouts import notes

SLOW = {"fault": "slow_disk", "at": 5.0}


def case(folder, *, faults=(SLOW,), output="", at=9.0, **bot):
    (folder / "start-01.err").write_text(output)
    start = {"n": 1, "exit": {"at": at}, "stdout": "start-01.out", "stderr": "start-01.err", "after": None}
    evidence = {"faults": list(faults), "starts": [start]}
    return Case(evidence, folder, {"state": {}, "logs": {}, **bot}, {})


@pytest.mark.parametrize(
    "line",
    [
        "sqlite3.OperationalError: database is locked",
        "filelock._error.Timeout: The file lock 'x.lock' timed out",
        "could not acquire the ledger lock",
    ],
)
def test_what_the_usual_libraries_say_is_seen(tmp_path, line):
    [note] = notes(case(tmp_path, output=f"fine\n{line}\n"))
    assert note == f"lock time-outs seen while the disk was slow: 1, first: {line}"


def test_a_profile_may_say_more(tmp_path):
    profile = {"messages": {"lock_timed_out": "held .* for"}}
    [note] = notes(case(tmp_path, output="another bot has held it for 5 s\n", **profile))
    assert "seen while the disk was slow: 1" in note


@pytest.mark.parametrize("output", ["", "blocked by nobody\n", "the clock timed out\n"])
def test_not_seen_is_said_as_well(tmp_path, output):
    assert list(notes(case(tmp_path, output=output))) == ["no lock time-out was seen while the disk was slow"]


def test_what_was_said_before_the_disk_was_slow_does_not_count(tmp_path):
    assert "no lock time-out" in next(notes(case(tmp_path, output="database is locked\n", at=4.0)))


def test_without_a_slow_disk_there_is_no_note(tmp_path):
    assert (
        list(notes(case(tmp_path, faults=[{"fault": "fill", "at": 1}], output="database is locked\n"))) == []
    )
