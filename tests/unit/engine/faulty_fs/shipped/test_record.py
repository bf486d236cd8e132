"""Figures and the log of operations: read by others while it goes on, and bounded."""

import json
import os
import time

from fleet_stress.faulty_fs.shipped import record


def made(folder, rules=2, **limits):
    record.make(folder / "figures", rules)
    return record.Record(folder / "figures", folder / "log", **limits)


def logged(folder):
    began, *lines = [json.loads(line) for line in (folder / "log").read_text().splitlines()]
    assert list(began) == ["began"]
    return lines


def test_what_was_done_is_counted_and_told(tmp_path):
    one = made(tmp_path)
    one.operation("rename", ["a.tmp", "a"], os.getpid(), time.monotonic(), [1], error="EIO")
    one.operation("write", ["b"], os.getpid(), time.monotonic(), [], size=3)
    one.waited(1, 0.25)

    figures = record.read(tmp_path / "figures", 2)
    assert figures.operations == {"rename": 1, "write": 1}
    assert figures.rules == [(0, 0.0), (1, 0.25)]
    assert figures.hits == 1
    first, second = logged(tmp_path)
    assert (first["op"], first["path"], first["to"], first["rules"]) == ("rename", "a.tmp", "a", [1])
    assert (first["pid"], first["error"]) == (os.getpid(), "EIO")
    assert first["process"]
    assert (second["op"], second["size"]) == ("write", 3)


def test_reads_are_counted_and_not_told_unless_a_rule_meets_them(tmp_path):
    one = made(tmp_path)
    one.operation("read", ["a"], os.getpid(), time.monotonic(), [])
    one.operation("read", ["a"], os.getpid(), time.monotonic(), [0])
    assert record.read(tmp_path / "figures", 2).operations == {"read": 2}
    assert len(logged(tmp_path)) == 1


def test_the_log_ends_and_says_so_and_the_figures_go_on(tmp_path):
    one = made(tmp_path, limit=1000)
    for _ in range(100):
        one.operation("write", ["a"], os.getpid(), time.monotonic(), [], size=1)
    assert record.read(tmp_path / "figures", 2).operations == {"write": 100}
    assert "log is full" in logged(tmp_path)[-1]["more"]
    assert (tmp_path / "log").stat().st_size < 1500
