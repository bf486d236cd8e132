"""The most different points come first, so that a budget is spent on what another visit would not show."""

from hypothesis import given
from hypothesis import strategies as st

from fleet_stress.scenario.crash_points.order import order
from fleet_stress.scenario.crash_points.points import points
from tests.unit.engine.scenario.crash_points.recorded import SAVE, recording, steady_of

KILLS = ({"kill": "before"}, {"kill": "half"}, {"kill": "after"})


def planned(cycle, answers=KILLS):
    recorded = recording(cycle, cycle, cycle)
    return points(recorded.operations, steady_of(recorded), answers)


def test_first_each_operation_then_each_file_then_each_class():
    errors = planned(["write a", "write b", "fsync a", "fsync b"], [{"errno": "EIO"}])
    assert order(errors) == [
        "errno:EIO:write:state/a:1",
        "errno:EIO:fsync:state/b:1",
        "errno:EIO:write:state/b:1",
        "errno:EIO:fsync:state/a:1",
    ]


def test_of_the_same_the_ends_come_before_what_is_between():
    again = planned([word for number in range(6) for word in ("write a", "unlink x")], [{"errno": "EIO"}])
    of_a = [name.rpartition(":")[2] for name in order(again) if "/a:" in name]
    assert of_a == ["1", "6", "3", "2", "4", "5"]


def test_of_equally_different_ones_what_changes_most_comes_first():
    cycle = ["fsync a", "create a", "rename a b", "write a"]
    assert [name.split(":")[2] for name in order(planned(cycle, [{"errno": "EIO"}]))] == [
        "write",
        "rename",
        "create",
        "fsync",
    ]


def test_each_disk_is_visited_once():
    found = planned(SAVE)
    assert sorted(order(found)) == sorted(point.name for point in found if point.by is None)


NAMES = st.sampled_from([f"{name} {file}" for name in ("create", "write", "fsync") for file in "abc"])


@given(st.lists(NAMES, min_size=1, max_size=25), st.sampled_from([KILLS, ({"errno": "EIO"},)]))
def test_each_class_has_been_visited_before_any_is_visited_again(cycle, answers):
    found = planned(cycle, answers)
    kinds = {}
    for point in found:
        kinds.setdefault(point.by or point.name, set()).add((point.answer, point.kind))
    new, come_to = [], set()
    for name in order(found):
        new.append(not kinds[name] <= come_to)
        come_to |= kinds[name]
    assert new == sorted(new, reverse=True)
    assert come_to == {(point.answer, point.kind) for point in found}
