"""Evidence is read, and nothing in it is believed."""

import json
import os

import pytest
from fleet_controller.report.page import seen
from fleet_controller.report.page.details import detail
from hypothesis import given
from hypothesis import strategies as st

WORDS = (
    *("starts", "steps", "faults", "samples", "commands", "probes", "ended", "error", "seconds", "at", "n"),
    *("exit", "code", "signal", "by", "cycles", "signals", "stdout", "output", "rss", "cpu", "start", "path"),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda item: st.lists(item, max_size=4) | st.dictionaries(st.sampled_from(WORDS), item, max_size=5),
    max_leaves=40,
)
ENTRY = {
    "verdict": "failed",
    "seconds": 1.0,
    "repeat": "ansible-playbook",
    "reasons": [],
    "notes": [],
    "findings": [],
    "known_from_baseline": [],
    "evidence": "hosts/h1/evidence/memory",
}


def test_a_start_is_told_by_how_it_ended():
    exits = [
        {"code": 3, "signal": None, "at": 2.0, "by": "itself"},
        {"code": None, "signal": "KILL", "at": 2.0, "by": "signal"},
        None,
    ]
    starts = seen.seen({"starts": [{"n": 1, "at": 0.5, "exit": item} for item in exits]}).starts
    assert [(start.ending, start.bad, start.ended) for start in starts] == [
        ("exit code 3", True, 2.0),
        ("death by SIGKILL", False, 2.0),
        ("", False, None),
    ]


def test_a_fault_stands_from_when_it_was_applied():
    (fault,) = seen.seen({"faults": [{"fault": "fill", "at": 1.0, "stands_from": 1.5, "bit": True}]}).faults
    assert fault == seen.Fault("fill", 1.5, None, True)


def test_the_time_line_is_as_long_as_what_is_on_it():
    assert seen.seen({"seconds": 1.0, "steps": [{"at": 3.0, "seconds": 2.0}]}).seconds == 5.0


@pytest.mark.parametrize("value", [True, "7", None, float("inf"), 1e300, [1]])
def test_what_is_no_number_is_none(value):
    assert seen.number({"at": value}, "at") is None


def test_control_characters_are_spelled_out():
    (step,) = seen.seen({"steps": [{"at": 0, "detail": "a\x1b[31m\nb"}]}).steps
    assert step.detail == "a\\x1b[31m b"


@given(ANYTHING)
def test_anything_at_all_can_be_drawn(tmp_path_factory, value):
    folder = tmp_path_factory.getbasetemp() / "anything"
    place = folder / ENTRY["evidence"]
    place.mkdir(parents=True, exist_ok=True)
    (place / "evidence.json").write_text(json.dumps(value, allow_nan=False), "utf-8", "surrogatepass")
    json.dumps(detail(folder, ENTRY), allow_nan=False)


def test_a_pipe_or_a_link_is_not_read(tmp_path):
    os.mkfifo(tmp_path / "evidence.json")
    with pytest.raises(seen.Damaged, match="cannot be read"):
        seen.read(tmp_path)
    (tmp_path / "evidence.json").unlink()
    (tmp_path / "evidence.json").symlink_to("/etc/passwd")
    with pytest.raises(seen.Damaged, match="cannot be read"):
        seen.read(tmp_path)
