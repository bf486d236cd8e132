"""The journal is readable up to its last whole line, whatever happened to its writers."""

import json
import multiprocessing
import os

import pytest

from fleet_stress.recovery.journal import Journal, entries, read


def test_lines_come_back_in_order_with_who_and_when(tmp_path):
    journal = Journal(tmp_path / "j", "supervisor")
    journal.write("run_started", scenarios=3)
    journal.write("run_ended", durable=True)

    first, second = entries(journal.path)

    assert (first["who"], first["what"], first["scenarios"]) == ("supervisor", "run_started", 3)
    assert second["what"] == "run_ended"
    assert second["at"] >= first["at"] > 0


def test_a_line_cut_short_by_a_death_is_passed_over_and_the_next_writer_goes_on(tmp_path):
    path = tmp_path / "j"
    Journal(path, "a").write("whole")
    with path.open("a") as stream:
        stream.write('{"what": "cut sho')
    Journal(path, "b").write("after")

    assert [entry["what"] for entry in entries(path)] == ["whole", "after"]


def test_a_reader_leaves_an_unfinished_last_line_for_its_next_look(tmp_path):
    path = tmp_path / "j"
    Journal(path, "a").write("one")
    line = json.dumps({"what": "two"}) + "\n"
    with path.open("a") as stream:
        stream.write(line[:5])
    [(offset, entry)] = read(path)
    with path.open("a") as stream:
        stream.write(line[5:])

    assert entry["what"] == "one"
    assert [entry["what"] for _, entry in read(path, offset)] == ["two"]


def test_a_short_write_is_an_error_and_does_not_spoil_the_next_line(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "j", "a")
    real_write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real_write(descriptor, data[:7]))
    with pytest.raises(OSError, match="only 7 of"):
        journal.write("lost")
    monkeypatch.undo()
    journal.write("kept")

    assert [entry["what"] for entry in entries(journal.path)] == ["kept"]


def _write_many(path, who):
    journal = Journal(path, who)
    for number in range(200):
        journal.write("line", number=number, padding="x" * 300)


def test_several_processes_do_not_mix_their_lines(tmp_path):
    path = tmp_path / "j"
    writers = [multiprocessing.Process(target=_write_many, args=(path, name)) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    seen = entries(path)

    assert len(seen) == 4 * 200
    for name in "abcd":
        assert [item["number"] for item in seen if item["who"] == name] == list(range(200))


def test_a_missing_journal_has_no_lines(tmp_path):
    assert entries(tmp_path / "nowhere") == []
