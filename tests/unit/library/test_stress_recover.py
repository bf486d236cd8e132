"""library/stress_recover.py, the door: undoes what is left once, and fails when something stays."""

import pytest

from fleet_stress.recovery.host_lock import HostLock
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo


@pytest.fixture
def dead_run(place):
    """A run that died while a folder of its arena stood."""
    run = place / "runs/r1"
    left = run / "arenas/sigterm/bot"
    left.mkdir(parents=True)
    Undo(Journal(run / "journal.jsonl", "arena")).record("remove_tree", path=str(left))
    return left


def test_end_to_end_what_is_left_is_undone_once(door, place, dead_run):
    checked = door("stress_recover")(stress_dir=str(place), check=True)
    assert checked["changed"] is True
    assert dead_run.exists()

    head, report = door("stress_recover").by_ansible(stress_dir=str(place))

    assert "CHANGED" in head
    assert report["undone"] == checked["undone"] == [f"run r1: remove_tree {dead_run}"]
    assert not dead_run.exists()
    again = door("stress_recover")(stress_dir=str(place))
    assert (again["changed"], again["undone"], again["failed"], again["alive"]) == (False, [], [], None)


def test_what_cannot_be_undone_makes_it_fail_and_is_named(door, place, tmp_path):
    (place / "runs/r1").mkdir(parents=True)
    (tmp_path / "precious").mkdir()
    journal = Journal(place / "runs/r1/journal.jsonl", "arena")
    Undo(journal).record("remove_tree", path=str(tmp_path / "precious"))

    message = door("stress_recover").fails(stress_dir=str(place))

    assert message.startswith("could not be undone") and str(tmp_path / "precious") in message
    assert (tmp_path / "precious").is_dir()


def test_a_living_run_is_told_of_and_left_alone(door, place, dead_run):
    lock = HostLock(place, {"run_id": "r1"})
    report = door("stress_recover")(stress_dir=str(place))
    lock.release()
    assert (report["changed"], report["alive"]["run_id"]) == (False, "r1")
    assert dead_run.exists()


def test_a_host_that_was_never_ours_is_as_it_should_be(door, tmp_path):
    assert door("stress_recover")(stress_dir=str(tmp_path / "never"))["changed"] is False
    assert list(tmp_path.iterdir()) == []
