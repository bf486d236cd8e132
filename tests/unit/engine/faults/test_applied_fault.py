"""Around any fault: undo records first, then apply; proved and taken back once, whatever fails."""

from typing import ClassVar

import pytest

from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded
from fleet_stress.recovery import undo as undo_module
from fleet_stress.recovery.journal import Journal, entries
from fleet_stress.recovery.undo import Kind, NotUndone, Undo, open_records
from tests.unit.engine.faults.conftest import make_site


@pytest.fixture
def told():
    """What was done, in order."""
    return []


@pytest.fixture
def make(tmp_path, told, monkeypatch):
    """``make(apply=…, gone=…)``: a fault of which each part says that it ran, standing in an arena."""
    journal = Journal(tmp_path / "journal", "scenario")

    def make(*, gone=True, **parts):
        kind = Kind(lambda **_: told.append("mended"), lambda **_: gone)
        monkeypatch.setitem(undo_module.KINDS, "mend", kind)

        def part(name, result):
            def run(*arguments):
                told.append(name)
                if name == "apply":
                    told.append(f"{len(open_records(journal.path))} on disk")
                wrong = parts.get(name)
                if wrong:
                    raise wrong
                return result

            return run

        class Odd(Fault):
            name = title = "odd"
            schema: ClassVar = {}
            apply = part("apply", None)
            prove = part("prove", Proof(True, {"seen": 5}))
            revert = part("revert", {"all": "well"})

            def undo(self):
                return (UndoNeeded("mend", {"n": 1}), UndoNeeded("mend", {"n": 2}))

        make.journal = journal
        return AppliedFault(Odd, make_site(tmp_path), {"hard": 1}, Undo(journal), at=1.5, start=2)

    make.journal = journal
    return make


def test_in_this_order(make, told):
    standing = make()
    assert told == ["apply", "2 on disk"]
    assert (standing.entry["applied"], standing.entry["lifted_at"]) == (True, None)

    standing.revert(9.0)

    assert told[2:] == ["prove", "revert", "mended", "mended"]
    assert standing.entry["bit"]
    assert standing.entry["proof"] == {"seen": 5, "after_lifting": {"all": "well"}}
    assert (standing.entry["at"], standing.entry["lifted_at"], standing.entry["start"]) == (1.5, 9.0, 2)
    assert open_records(make.journal.path) == []
    undone = [entry["id"] for entry in entries(make.journal.path, "undone")]
    assert undone == [entry["id"] for entry in reversed(entries(make.journal.path, "undo"))], "newest first"


def test_what_could_not_be_applied_stays_to_be_undone(make, told):
    with pytest.raises(OSError, match="no"):
        make(apply=OSError("no"))
    assert len(open_records(make.journal.path)) == 2


def test_what_could_not_be_proved_is_taken_back_all_the_same(make, told):
    standing = make(prove=ValueError("odd"))
    with pytest.raises(ValueError, match="odd"):
        standing.revert(2.0)
    assert told[2:] == ["prove", "revert", "mended", "mended"]
    assert standing.entry["bit"] is False
    assert open_records(make.journal.path) == []


def test_what_is_still_there_after_all_is_an_error(make):
    standing = make(gone=False)
    with pytest.raises(NotUndone):
        standing.revert(2.0)
    assert open_records(make.journal.path)
