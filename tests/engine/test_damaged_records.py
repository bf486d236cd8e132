"""What is damaged of old runs is skipped and told; it stops no recovery, no tidying and no new run."""

import errno
import json
import os
import tarfile

import pytest

from fleet_stress.recovery.journal import Journal, entries
from fleet_stress.recovery.recover import recover, tidy
from fleet_stress.recovery.undo import Undo
from fleet_stress.run.archive import archive
from fleet_stress.run.handover import hand_over
from fleet_stress.run.leftovers import leftovers
from fleet_stress.store.layout import RunFolder
from tests.engine.conftest import BASELINE, result, verdicts

#: Far more than any disk has; of a sparse file only what was written is on the disk.
PETABYTES = 4 << 50


def seems_huge(path, end=b""):
    """Let a file seem as large as this file system lets it, with ``end`` at its end."""
    size = PETABYTES
    with path.open("ab") as stream:
        while True:
            try:
                stream.truncate(size)
                break
            except OSError as problem:
                if problem.errno != errno.EFBIG:
                    raise
                size //= 2
        stream.seek(size)
        stream.write(end)
    assert size >= 1 << 40


@pytest.fixture
def damaged(stress_dir):
    """An old run of which much is damaged, and one open undo record between the damage."""
    run = RunFolder(stress_dir / "runs/old")
    left = run.arenas / "baseline/bot"
    left.mkdir(parents=True)
    journal = Journal(run.journal, "baseline")
    journal.write("run_started")
    journal.write("undo", kind="remove_tree", arguments={"path": "/"})  # no id
    journal.write("undone")
    journal.close()
    with run.journal.open("ab") as stream:
        stream.write(b"[" * 200_000 + b"\n")
    seems_huge(run.journal)
    Undo(Journal(run.journal, "baseline")).record("remove_tree", path=str(left))
    run.plan.touch()
    seems_huge(run.log)
    return run


def test_an_old_run_that_is_damaged_is_undone_as_far_as_it_can_be_read_and_told_of(damaged, stress_dir):
    looked = recover(stress_dir, look_only=True)
    report = recover(stress_dir)

    assert looked["damaged"] == report["damaged"]
    assert report["failed"] == []
    assert [sentence.partition(": ")[2] for sentence in report["undone"]] == [
        f"remove_tree {damaged.arenas}/baseline/bot"
    ]
    about_journal, *about_sizes, about_plan = report["damaged"]
    assert [sentence.partition(":")[0] for sentence in about_sizes] == [
        str(damaged.journal),
        str(damaged.log),
    ]
    assert about_journal.startswith(f"{damaged.journal}: skipped 1 damaged undo records")
    assert about_plan.startswith(f"{damaged.plan}: is damaged")
    assert leftovers(stress_dir, "nobody")["undo"] == [about_journal]


def test_a_new_run_begins_beside_it_and_it_can_be_tidied_away(damaged, stress_dir, make_plan):
    handed = hand_over(make_plan([BASELINE]))

    assert len(handed["damaged"]) == 4
    assert verdicts(result(handed["run_dir"])) == {"baseline": "passed"}
    assert str(damaged.path) in tidy(stress_dir, keep=1)["removed"]
    assert not damaged.path.exists()


def test_a_log_and_a_journal_of_petabytes_travel_as_their_two_ends(stress_dir):
    run = RunFolder(stress_dir / "runs/r1")
    run.evidence.mkdir(parents=True)
    run.plan.write_text(json.dumps({"limits": {"evidence_bytes": 1000}}))
    run.result.write_text(json.dumps({"scenarios": []}))
    for path in (run.log, run.journal):
        path.write_bytes(b"begins\n")
        seems_huge(path, b"\nends\n")

    with tarfile.open(archive(run.path)) as packed:
        sent = {member.name: packed.extractfile(member).read() for member in packed.getmembers()}

    for name in ("supervisor.log", "journal.jsonl"):
        assert sent[name].startswith(b"begins\n")
        assert sent[name].endswith(b"\nends\n")


def test_a_journal_is_read_on_behind_a_hole_and_a_line_without_end(tmp_path):
    journal = Journal(tmp_path / "j", "a")
    journal.write("first")
    with journal.path.open("ab") as stream:
        stream.write(b"x" * (5 << 20))
    journal.write("behind a long line")
    seems_huge(journal.path)
    journal.write("behind a hole")

    assert [entry["what"] for entry in entries(journal.path)] == [
        "first",
        "behind a long line",
        "behind a hole",
    ]


def test_a_journal_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "j")

    assert entries(tmp_path / "j") == []
