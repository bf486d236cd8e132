"""What came of the visits, from the evidence of each alone: theirs, ours, and what proved nothing."""

import json

import pytest

from fleet_stress.judge.judge import judge
from tests.unit.engine.conftest import Story

FINISHED = {"check": "exit_code", "args": {"is": "finished"}}


class Visited:
    """A scenario that has visited points, in the making."""

    def __init__(self, story):
        self.story = story
        self.story.runs()
        self.points = []

    def point(self, name, *, code=0, hit=True, error=None, by=None, lost=False, visited=True, of=None):
        """One point, and what was seen at it: how the bot ended, whether the rule was hit, what went wrong with us."""
        where = f"points/{len(self.points) + 1:03d}"
        known = {"name": f"kill:{name}", "told": f"kill {name}", "rule": {}, "folder": "state", "by": by}
        known["class"] = of or name
        self.points.append({**known, "evidence": where if visited and not by else None})
        if by is None and visited and not lost:
            folder = self.story.folder / where
            folder.mkdir(parents=True)
            visit = Story(folder)
            visit.expect = [FINISHED]
            visit.runs(code=code)
            proof = {} if hit else {"why": "no operation of the bot met a rule of it"}
            visit.evidence["faults"] = [{"fault": "faulty_fs", "bit": hit, "proof": proof}]
            visit.evidence["error"] = error
            visit.store()
            folder.with_name(f"{folder.name}.json").write_text(json.dumps(visit.scenario()))
        return self

    def judged(self, baseline=None, **more):
        """The entry of the scenario."""
        visits = {"points": self.points, "cycle": ["a", "b"], "twice": True, "only": None, **more}
        self.story.evidence["visits"] = [visits]
        return judge(self.story.scenario(), self.story.bot, self.story.store(), baseline)


@pytest.fixture
def visited(story):
    return Visited(story)


def test_all_known_visited_and_survived_is_passed(visited):
    entry = visited.point("before write a").point("after write a").point("before fsync a", by=2).judged()
    assert entry["verdict"] == "passed", entry["reasons"]
    assert entry["measures"]["points"] == {"classes": 2, "known": 3, "visited": 3, "survived": 3, "visits": 2}
    assert entry["notes"] == [
        "3 points of 2 classes of operations: 3 visited, 3 survived, by 2 visits (equal disks once)"
    ]


def test_each_that_was_not_survived_is_named_with_the_command_that_repeats_it(visited):
    entry = (
        visited.point("before write a").point("after write a", code=1).point("before fsync a", by=2).judged()
    )
    assert entry["verdict"] == "failed"
    assert entry["reasons"] == [
        "kill after write a: start 1 ended with exit code 1, where exit code 0 was expected;"
        " to repeat just this one: -e scenarios=story -e point=kill:after write a",
        "kill before fsync a (the same disk as kill after write a): start 1 ended with exit code 1, where exit code 0"
        " was expected; to repeat just this one: -e scenarios=story -e point=kill:before fsync a",
    ]
    assert [finding["evidence"] for finding in entry["findings"]] == [["points/002"], ["points/002"]]
    assert entry["measures"]["points"]["survived"] == 1


def test_a_point_that_was_never_met_proves_nothing_whatever_the_bot_did_then(visited):
    entry = visited.point("before write a").point("after write a", hit=False, code=1).judged()
    assert entry["verdict"] == "not_exercised"
    assert "kill after write a: the fault faulty_fs did not take effect" in entry["reasons"][0]
    assert entry["measures"]["points"]["visited"] == 1


@pytest.mark.parametrize("seen", [{"error": "no room for the arena"}, {"lost": True}])
def test_what_went_wrong_with_a_visit_of_ours_is_our_error(visited, seen):
    entry = visited.point("before write a").point("after write a", **seen).judged()
    assert entry["verdict"] == "error"
    reason = seen.get("error") or "there is no evidence of the visit: No such file or directory: points/002"
    assert f"kill after write a: {reason}" in entry["reasons"][0]


def test_a_point_that_was_not_survived_is_no_less_so_beside_an_error_of_ours(visited):
    entry = visited.point("before write a", code=1).point("after write a", lost=True).judged()
    assert entry["verdict"] == "failed"
    assert len(entry["findings"]) == 2


def test_a_recording_without_a_steady_cycle_proves_nothing(visited):
    entry = visited.judged()
    assert entry["verdict"] == "not_exercised"
    assert "no point was found" in entry["reasons"][0]


def test_only_the_point_that_was_asked_for_counts_and_that_is_said(visited):
    entry = (
        visited.point("before write a", lost=True).point("after write a").judged(only="kill:after write a")
    )
    assert entry["verdict"] == "passed", entry["reasons"]
    assert "only the point kill:after write a was asked for" in entry["notes"]


def test_what_the_baseline_failed_in_is_not_blamed_on_a_point_again(visited):
    known = {"check": "exit_code", "subject": "finished", "verdict": "failed"}
    entry = visited.point("write a", code=1).judged(
        baseline={"verdict": "failed", "findings": [known], "measures": {}}
    )
    assert entry["verdict"] == "not_exercised"
    assert entry["reasons"] == [
        "because baseline: start 1 ended with exit code 1, where exit code 0 was expected"
    ]
    assert [finding["check"] for finding in entry["known_from_baseline"]] == ["exit_code"]
    assert entry["measures"]["points"]["survived"] == 1


def test_what_the_baseline_failed_in_hides_no_other_fault_of_a_point(visited):
    known = {"check": "state_valid", "subject": "state/ledger.json", "verdict": "failed"}
    entry = visited.point("write a", code=1).judged(
        baseline={"verdict": "failed", "findings": [known], "measures": {}}
    )
    assert entry["verdict"] == "failed"
    assert "kill write a: start 1 ended with exit code 1" in entry["reasons"][0]


def test_an_operation_that_did_not_come_again_is_a_note_where_another_of_its_class_came(visited):
    entry = visited.point("write a", of="write a").point("write a (2)", of="write a", hit=False).judged()
    assert entry["verdict"] == "passed", entry["reasons"]
    assert (
        "1 points proved nothing, the first of them kill write a (2): the fault faulty_fs"
        in entry["notes"][1]
    )


def test_where_not_every_class_is_asked_for_one_that_proved_nothing_is_a_note(visited):
    entry = visited.point("write a").point("write b", hit=False).judged(every_class=False)
    assert entry["verdict"] == "passed", entry["reasons"]
    assert "1 points proved nothing, the first of them kill write b" in entry["notes"][1]


def test_where_no_point_proved_anything_the_row_proves_nothing(visited):
    entry = visited.point("write a", hit=False).point("write b", hit=False).judged(every_class=False)
    assert entry["verdict"] == "not_exercised"


def test_what_the_budget_did_not_reach_is_told_and_costs_no_verdict(visited):
    visited.point("write a").point("write b", visited=False).point("fsync b", by=2)
    entry = visited.judged(budget=20.0)
    assert entry["verdict"] == "passed", entry["reasons"]
    assert entry["measures"]["points"] == {"classes": 2, "known": 3, "visited": 1, "survived": 1, "visits": 1}
    assert entry["notes"][1] == (
        "2 points were left when the budget of 20 s was spent, the most different come first;"
        " 2 classes have no visited point: write b, fsync b"
    )


def test_where_every_class_is_asked_for_one_that_was_left_proves_nothing(visited):
    visited.point("write a", of="write a").point("write b", of="write b", visited=False)
    entry = visited.judged(budget=20.0, every_class=True)
    assert entry["verdict"] == "not_exercised"
    assert (
        "not every class was visited (1 left, the first of them write b): the budget of 20 s"
        in entry["reasons"][0]
    )


def test_where_every_class_was_visited_others_of_them_may_be_left(visited):
    visited.point("write a", of="write a").point("write a (9)", of="write a", visited=False)
    assert visited.judged(budget=20.0, every_class=True)["verdict"] == "passed"


def test_operations_that_are_not_in_every_cycle_are_noted(visited):
    entry = visited.point("write a").judged(sometimes=["rename state/log → log.1"])
    assert "not in every cycle, so without a point: rename state/log → log.1" in entry["notes"]


def test_cycles_that_never_came_twice_are_noted(visited):
    entry = visited.point("before write a").judged(twice=False)
    assert any("no two consecutive cycles of the recording" in note for note in entry["notes"])
