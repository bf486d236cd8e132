"""From a recording to its points: each class and each answer once, and a rule that meets just that operation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet_stress.faulty_fs.shipped.rules import Rules
from fleet_stress.scenario.crash_points.points import occasional, points
from tests.unit.engine.scenario.crash_points.recorded import SAVE, recording, steady_of

KILLS = ({"kill": "before"}, {"kill": "after"})


def planned(answers, *cycles):
    recorded = recording(*cycles)
    cycle = steady_of(recorded)
    return recorded.operations, cycle, points(recorded.operations, cycle, answers)


def test_equal_disks_are_visited_once():
    _, _, found = planned(KILLS, SAVE, SAVE, SAVE)
    names = {point.name: number for number, point in enumerate(found)}
    assert [(point.summary, names.get(point.by)) for point in found] == [
        ("kill before create state/a.tmp", None),
        ("kill after create state/a.tmp", None),
        ("kill before write state/a.tmp", 1),
        ("kill after write state/a.tmp", None),
        ("kill before fsync state/a.tmp", 3),
        ("kill after fsync state/a.tmp", 3),
        ("kill before rename state/a.tmp → a", 3),
        ("kill after rename state/a.tmp → a", None),
    ]


def test_a_bot_that_goes_on_knows_what_it_was_doing():
    _, _, found = planned([{"errno": "ENOSPC"}, {"errno": "EIO"}], SAVE, SAVE, SAVE)
    assert len(found) == 8
    assert all(point.by is None for point in found)
    assert found[0].summary == "ENOSPC at create state/a.tmp"


def test_only_a_write_of_more_than_a_byte_has_a_half():
    _, _, found = planned(
        [{"kill": "half"}, {"errno": "ENOSPC", "half": True}], *[["write a", "write b 1"]] * 3
    )
    assert [(point.name, point.summary, point.by) for point in found] == [
        ("kill:half:write:state/a:1", "kill in the middle of write state/a", None),
        ("errno:ENOSPC,half:write:state/a:1", "ENOSPC in the middle of write state/a", None),
    ]


def test_a_prefix_is_left_where_something_was_added_and_not_made_durable():
    half = {"kill": "after", "forget": "half", "like": "apfs"}
    _, _, found = planned([half], *[SAVE] * 3)
    assert [point.kind.operation for point in found] == ["write"]
    _, _, careless = planned([half], *[[step for step in SAVE if "fsync" not in step]] * 3)
    assert [point.kind.operation for point in careless] == ["create", "write", "rename"]


@pytest.mark.parametrize(("writes", "visited"), [(5, [1, 2, 3, 4, 5]), (350, [1, 88, 175, 263, 350])])
def test_of_a_run_of_writes_the_first_some_in_the_middle_and_the_last(writes, visited):
    cycle = ["create a", *["write a"] * writes, "rename a b"]
    _, _, found = planned([{"errno": "EIO"}], *[cycle] * 3)
    assert [point.name for point in found[1:-1]] == [f"errno:EIO:write:state/a:{n}" for n in visited]


def test_writes_that_are_each_made_durable_are_a_run_too():
    _, _, found = planned([{"errno": "EIO"}], *[["write a", "fsync a"] * 100] * 3)
    assert len(found) == 10


def test_writes_with_something_else_between_are_no_run():
    _, _, found = planned([{"errno": "EIO"}], *[["write a", "write b"] * 20] * 3)
    assert len(found) == 40


def test_what_is_no_write_cannot_be_cut_short():
    _, _, found = planned([{"short_write": 1}], SAVE, SAVE, SAVE)
    assert [point.summary for point in found] == ["short_write 1 write state/a.tmp"]


def test_files_that_a_command_cannot_tell_apart_have_names_that_it_can():
    _, _, found = planned([{"errno": "EIO"}], *[["create a;b", "create a&b"]] * 3)
    assert [point.name for point in found] == [
        "errno:EIO:create:state/a_b:1",
        "errno:EIO:create:state/a_b:1:2",
    ]


OPERATIONS = st.lists(
    st.sampled_from(
        ["create a.tmp", "write a.tmp", "fsync a.tmp", "rename a.tmp a", "write a", "fsync .", "unlink [x]"]
    ),
    min_size=1,
    max_size=12,
)


@given(OPERATIONS, st.sampled_from([*KILLS, {"errno": "EIO"}]))
def test_in_a_run_like_the_recording_each_rule_is_met_by_its_operation_alone(cycle, answer):
    done, found, all_points = planned([answer], cycle, cycle, cycle)
    places = {kind.word: found.begins + index for index, kind in enumerate(found.classes)}
    for point in all_points:
        rules = Rules([point.rule])
        met = [
            index for index, operation in enumerate(done) if rules.ask(operation.name, operation.paths).rules
        ]
        assert met == [places[point.name.split(":", len(answer) * 2)[-1]]]


@given(OPERATIONS)
def test_what_stands_for_a_point_leaves_the_same_disk(cycle):
    done, found, all_points = planned(KILLS, cycle, cycle, cycle)
    disks = {}
    places = {kind.word: index for index, kind in enumerate(found.classes)}
    for point in all_points:
        _, when, word = point.name.split(":", 2)
        inside = done[found.begins : found.begins + places[word] + (when == "after")]
        disks[point.name] = [(operation.name, operation.paths) for operation in inside if operation.changes]
    for point in all_points:
        if point.by is not None:
            assert disks[point.by] == disks[point.name]


@pytest.mark.parametrize("answer", KILLS)
def test_a_pattern_of_a_name_is_of_that_name_alone(answer):
    _, _, [point] = planned([answer], *[["unlink a[1]?"]] * 3)
    assert Rules([{**point.rule, "at": 1}]).ask("unlink", ["a1x"]).rules == ()
    assert Rules([{**point.rule, "at": 1}]).ask("unlink", ["a[1]?"]).rules == (0,)


def test_half_of_a_line_that_is_appended_now_and_then_has_a_point():
    """A trade is not made in every cycle, and its line is what a kill tears."""
    answers = [*KILLS, {"kill": "half"}]
    one = recording(SAVE, SAVE, [*SAVE, "write trades.csv"], SAVE, [*SAVE, "write trades.csv"], SAVE)
    other = recording(SAVE, ["write trades.csv", *SAVE], SAVE, [*SAVE, "write 4711.tmp"], SAVE, SAVE)
    found = occasional([one, other], steady_of(one, other), answers)
    assert [(point.name, point.rule["at"]) for point in found] == [("kill:half:write:state/trades.csv:1", 1)]
    assert occasional([one], steady_of(one), answers) == []  # it may have another name each time
