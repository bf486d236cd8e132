"""What the operations of a steady cycle are called, and which cycle is one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_stress.scenario.crash_points.classes import classes_of, cycle_ends, ends_at, masked, steady
from tests.unit.engine.scenario.crash_points.recorded import SAVE, operation, recording


@pytest.mark.parametrize(
    ("path", "known_as"),
    [
        ("bot_state.json.tmp", "bot_state.json.tmp"),
        ("paper_engine_state.backup.json", "paper_engine_state.backup.json"),
        ("errors.log.1", "errors.log.1"),
        ("tmpabcdefgh", "*"),
        (".state.json.k3J_9xQz", ".state.json.*"),
        ("state.json.1764133200123.tmp", "state.json.*.tmp"),
        ("state.4711.json", "state.*.json"),
        ("2026/11/day.json", "*/11/day.json"),
        ("trades-9f86d081884c7d65.json", "trades-*.json"),
        ("README", "README"),
        ("config2", "config2"),
    ],
)
def test_what_is_made_up_anew_each_time_is_a_star(path, known_as):
    assert masked(path) == known_as


def test_a_class_is_an_operation_on_a_file_and_the_how_manieth_of_its_kind():
    done, _ = recording(["create a.tmp", "write a.tmp", "write a.tmp", "rename a.tmp a"])
    assert [kind.summary for kind in classes_of(done)] == [
        "create state/a.tmp",
        "write state/a.tmp",
        "write state/a.tmp (2)",
        "rename state/a.tmp → a",
    ]


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_whatever_a_bot_calls_its_files_a_class_is_safe_in_a_shell(name):
    [found] = classes_of([operation("create x", 0)._replace(paths=(name,))])
    assert re.fullmatch(r"[\w./:@,+*~-]+", found.word, re.ASCII)


def test_a_cycle_ends_after_the_last_operation_on_the_file_that_tells_it():
    done, ends = recording(*[[*SAVE, "rename h h.old", "rename h.tmp h", "fsync ."]] * 3)
    assert cycle_ends(done, "state", "h") == ends
    assert cycle_ends(done, "log", "h") == []


def test_what_else_is_made_durable_belongs_to_the_next_cycle():
    done, ends = recording(*[[*SAVE, "rename h.tmp h", "fsync a", "fsync ."]] * 3)
    assert cycle_ends(done, "state", "h") == [end - 2 for end in ends]


def test_where_no_file_tells_cycles_end_when_they_were_seen_to():
    done, _ = recording(SAVE, SAVE)  # at 0, 1, … 7
    assert ends_at(done, [3.5, 3.6, 9.0]) == [4, 8]


def test_the_first_cycle_and_what_comes_after_the_last_are_not_steady():
    done, ends = recording(["mkdir x", *SAVE], SAVE, SAVE, ["unlink lock"])
    found = steady(done, ends[:3])
    assert (found.begins, found.ends, found.twice) == (9, 13, True)


def test_of_cycles_that_never_come_twice_the_last_is_taken_and_it_is_told():
    done, ends = recording(SAVE, SAVE, [*SAVE, "write log"])
    assert steady(done, ends)._replace(classes=()) == (8, 13, (), False)


@pytest.mark.parametrize("cycles", [[], [SAVE], [SAVE, []]])
def test_too_little_was_recorded(cycles):
    assert steady(*recording(*cycles)) is None
