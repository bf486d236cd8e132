"""Undo before do: the record is on disk first, and an undo is believed only after looking."""

import pytest

from fleet_stress.recovery import undo as undo_module
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.manual.records import Records, held
from fleet_stress.recovery.undo import Kind, NotUndone, Undo, open_records, undo_open
from fleet_stress.store.layout import MARKER


@pytest.fixture
def ours(tmp_path):
    (tmp_path / MARKER).write_text("{}")
    return tmp_path


def test_a_record_stays_open_until_it_was_carried_out_and_looked_after(ours):
    journal = Journal(ours / "journal", "arena")
    folder = ours / "bot"
    Undo(journal).record("remove_tree", path=str(folder))
    folder.mkdir()
    (folder / "file").write_text("x")

    assert [record["kind"] for record in open_records(journal.path)] == ["remove_tree"]
    assert undo_open(journal) == []
    assert not folder.exists()
    assert open_records(journal.path) == []


def test_undoing_works_before_the_thing_was_made_and_twice(ours):
    journal = Journal(ours / "journal", "arena")
    Undo(journal).record("remove_tree", path=str(ours / "never-made"))

    assert undo_open(journal) == []
    assert undo_open(journal) == []


def test_the_newest_is_undone_first_and_one_failure_does_not_stop_the_others(ours, monkeypatch):
    order = []

    def note(name):
        order.append(name)
        if name == "second":
            raise OSError("busy")

    monkeypatch.setitem(undo_module.KINDS, "note", Kind(note, lambda **_: True))
    journal = Journal(ours / "journal", "arena")
    undo = Undo(journal)
    for name in ("first", "second", "third"):
        undo.record("note", name=name)

    [failure] = undo_open(journal)

    assert order == ["third", "second", "first"]
    assert "busy" in failure
    assert [record["arguments"]["name"] for record in open_records(journal.path)] == ["second"]


def test_an_undo_that_left_something_is_not_believed(ours, monkeypatch):
    monkeypatch.setitem(undo_module.KINDS, "lame", Kind(lambda: None, lambda: False))
    journal = Journal(ours / "journal", "arena")
    record = Undo(journal).record("lame")

    with pytest.raises(NotUndone):
        Undo(journal).carry_out(record, "lame", {})
    assert len(open_records(journal.path)) == 1


def test_nothing_is_deleted_outside_a_folder_that_carries_our_marker(tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    journal = Journal(tmp_path / "journal", "arena")
    Undo(journal).record("remove_tree", path=str(precious))

    [failure] = undo_open(journal)

    assert "no folder above it carries" in failure
    assert precious.is_dir()


def test_one_arenas_undo_leaves_the_others_alone(ours):
    for who in ("a", "b"):
        (ours / who).mkdir()
        Undo(Journal(ours / "journal", who)).record("remove_tree", path=str(ours / who))

    undo_open(Journal(ours / "journal", "supervisor"), who="a")

    assert not (ours / "a").exists()
    assert (ours / "b").exists()


def test_a_name_with_a_slash_is_another_name_where_operators_choose_them(ours, monkeypatch):
    undone = []
    monkeypatch.setitem(
        undo_module.KINDS, "note", Kind(lambda name: undone.append(name), lambda name: name in undone)
    )
    for who in ("block", "block/of-others"):
        with Records(ours, who) as records:
            records.record("note", name=who)

    with Records(ours, "block") as records:
        assert records.undo() == []

    assert undone == ["block"]
    assert list(held(ours)) == ["block/of-others"]


def test_what_lies_below_our_folder_is_undone_after_that_was_renamed(ours):
    run = ours / "stress/runs/r1"
    run.mkdir(parents=True)
    undo = Undo(Journal(run / "journal", "arena"))
    undo.record("remove_tree", path=str(run / "bot"))
    undo.record("put_back", away=str(run / "away"), home=str(run / "state"))
    for name in ("bot", "away"):
        (run / name).mkdir()
    (ours / "stress").rename(ours / "moved")
    now = ours / "moved/runs/r1"

    assert undo_open(Journal(now / "journal", "recover")) == []

    assert sorted(path.name for path in now.iterdir()) == ["journal", "state"]


def test_what_began_late_in_a_long_journal_is_looked_for_from_there_on(ours):
    """A run's journal grows with each of its arenas: none reads what all before it wrote."""
    first = Journal(ours / "journal", "a")
    Undo(first).record("remove_tree", path=str(ours / "of_a"))
    second = Journal(ours / "journal", "b")
    Undo(second).record("remove_tree", path=str(ours / "of_b"))

    assert [one["who"] for one in open_records(second.path, second.begins)] == ["b"]
    assert undo_open(second, "b", since=second.begins) == []
    assert [one["who"] for one in open_records(second.path)] == ["a"]
