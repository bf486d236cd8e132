"""What the operations of a cycle are called, and where a cycle ends."""

import re

from hypothesis import given
from hypothesis import strategies as st

from fleet_stress.scenario.crash_points.classes import Class
from fleet_stress.scenario.crash_points.cycles import between_pauses, cycle_ends, ends_at
from tests.unit.engine.scenario.crash_points.recorded import SAVE, operation, recording


def test_a_class_is_an_operation_on_a_file_and_the_how_manieth_of_its_kind():
    assert Class("write", "state", ("a.tmp",), 2).summary == "write state/a.tmp (2)"
    assert Class("rename", "state", ("a.tmp", "a"), 1).summary == "rename state/a.tmp → a"


@given(st.text(min_size=1).filter(lambda text: "/" not in text))
def test_whatever_a_bot_calls_its_files_a_class_is_safe_in_a_shell(name):
    assert re.fullmatch(r"[\w./:@,+*~-]+", Class("create", "state", (name,), 1).word, re.ASCII)


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


def test_where_none_was_seen_to_end_they_lie_between_the_longest_pauses():
    done = [operation("write a", at) for at in (0.0, 0.1, 5.0, 5.1, 9.9, 10.0)]
    assert between_pauses(done, 3) == [2, 4, 6]
    assert between_pauses([], 3) == []
