"""What is drawn on the line of time."""

from fleet_controller.report.page.seen import seen
from fleet_controller.report.page.timeline import CYCLES, FIRST, STEPS, timeline


def steps(count):
    return [
        {"path": str(n), "verb": "wait", "at": n, "seconds": 1.0, "outcome": "done"} for n in range(count)
    ]


def test_few_steps_are_all_there():
    line = timeline(seen({"steps": steps(3)}))
    assert [step["n"] for step in line["steps"]] == ["0", "1", "2"]
    assert line["left_out"] == 0


def test_of_many_steps_the_first_and_the_last_are_kept():
    line = timeline(seen({"steps": steps(100)}))
    assert [step["n"] for step in line["steps"]][: FIRST + 1] == ["0", "1", "2", "3", "78"]
    assert line["steps"][-1]["n"] == "99"
    assert (len(line["steps"]), line["left_out"]) == (STEPS, 100 - STEPS)


def test_only_what_did_not_end_well_says_how_it_ended():
    bad = {"path": "2", "verb": "wait", "at": 1, "seconds": 1, "outcome": "timeout"}
    first, second = timeline(seen({"steps": [*steps(1), bad]}))["steps"]
    assert "outcome" not in first
    assert second["outcome"] == "timeout"


def test_a_fault_that_does_not_stand_is_a_moment():
    faults = [
        {"fault": "corrupt", "stands_from": 2.0, "lifted_at": 2.0},
        {"fault": "fill", "stands_from": 3.0, "lifted_at": 9.0},
        {"fault": "throttle", "stands_from": 4.0, "lifted_at": None},
    ]
    line = timeline(seen({"seconds": 20.0, "faults": faults}))
    assert [(fault["name"], fault["moment"], fault["until"]) for fault in line["faults"]] == [
        ("corrupt", True, 2.0),
        ("fill", False, 9.0),
        ("throttle", False, 20.0),
    ]


def test_cycles_are_bounded_and_evenly_left_out():
    cycles = [{"at": n} for n in range(1000)]
    (start,) = timeline(seen({"starts": [{"n": 1, "at": 0, "cycles": cycles}]}))["starts"]
    assert len(start["cycles"]) == CYCLES
    assert start["cycles"][-1] > 900
