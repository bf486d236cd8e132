"""What the faulty file system has logged, read back."""

import pytest

from fleet_stress.faulty_fs.shipped.record import Record, make
from fleet_stress.scenario.crash_points.operations import Cut, read


@pytest.fixture
def record(tmp_path):
    make(tmp_path / "figures", 0)
    return Record(tmp_path / "figures", tmp_path / "log.jsonl")


def test_what_changes_the_disk_is_told_from_what_does_not(record, tmp_path):
    for name, paths, about in (
        ("create", ["a"], {}),
        ("open", ["a"], {}),
        ("open", ["a"], {"truncates": True}),
        ("write", ["a"], {"size": 3}),
        ("write", ["a"], {"size": 3, "error": "ENOSPC"}),
        ("fsync", ["a"], {}),
        ("rename", ["a", "b"], {}),
        ("write", ["b"], {"size": 3, "other": True}),
    ):
        record.operation(name, paths, 7, 0.0, (), **about)
    found = read({"state": tmp_path / "log.jsonl"})
    assert [(operation.name, operation.paths, operation.changes) for operation in found] == [
        ("create", ("a",), True),
        ("open", ("a",), False),
        ("open", ("a",), True),
        ("write", ("a",), True),
        ("write", ("a",), False),
        ("fsync", ("a",), False),
        ("rename", ("a", "b"), True),
    ]


def test_the_logs_of_two_folders_are_one_recording(tmp_path):
    (tmp_path / "state").write_text(
        '{"began": 100.0}\n'
        '{"at": 1.0, "took": 0.5, "op": "write", "path": "a", "pid": 7}\n'
        '{"at": 3.0, "took": 0.0, "op": "fsync", "path": "a", "pid": 7}\n'
    )
    (tmp_path / "log").write_text(
        '{"began": 101.0}\n{"at": 1.0, "took": 0.0, "op": "write", "path": "b", "pid": 7}\n'
    )
    found = read({name: tmp_path / name for name in ("state", "log")})
    assert [(operation.folder, operation.name, operation.at) for operation in found] == [
        ("state", "write", 101.5),
        ("log", "write", 102.0),
        ("state", "fsync", 103.0),
    ]


def test_a_log_that_was_full_is_no_recording(tmp_path):
    make(tmp_path / "figures", 0)
    record = Record(tmp_path / "figures", tmp_path / "log", limit=200)
    for _ in range(10):
        record.operation("write", ["a"], 7, 0.0, ())
    with pytest.raises(Cut, match="the log is full"):
        read({"state": tmp_path / "log"})
