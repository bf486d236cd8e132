"""What is recorded of a run of tests, what lint says of it, and which tests start first."""

import json
from types import SimpleNamespace

import pytest

from tests.durations import TYPICAL, Durations, longest_first, typical, unmarked


def report(nodeid, duration, *keywords):
    return SimpleNamespace(nodeid=nodeid, duration=duration, keywords=dict.fromkeys(keywords, 1))


def test_a_test_took_its_setup_and_teardown_too_and_a_group_is_no_part_of_its_name(tmp_path):
    durations = Durations()
    for seconds in (1.0, 20.5, 0.25):
        durations.add(report("a.py::test[x@y]@lab", seconds))
    durations.add(report("a.py::test_long", 30.0, "slow"))
    durations.write(tmp_path / "new/durations.json")

    assert json.loads((tmp_path / "new/durations.json").read_text()) == [
        {"test": "a.py::test_long", "seconds": 30.0, "slow": True},
        {"test": "a.py::test[x@y]", "seconds": 21.75, "slow": False},
    ]


def test_a_run_of_no_test_leaves_the_record(tmp_path):
    Durations().write(tmp_path / "durations.json")
    assert not (tmp_path / "durations.json").exists()


@pytest.mark.parametrize(
    ("seconds", "slow", "complaints"), [(20.0, False, 0), (20.1, False, 1), (300.0, True, 0)]
)
def test_who_takes_long_has_to_say_so(seconds, slow, complaints):
    found = list(unmarked([{"test": "a.py::test", "seconds": seconds, "slow": slow}]))
    assert len(found) == complaints
    assert all("has no mark `slow`" in complaint for complaint in found)


def test_typical_is_the_mean_of_a_file_where_it_is_worth_writing_down():
    tests = [
        {"test": "a.py::test_1", "seconds": 2.0},
        {"test": "a.py::test_2", "seconds": 5.0},
        {"test": "b.py::test", "seconds": 0.5},
    ]
    assert typical(tests) == {"a.py": 3.5}


def item(nodeid, group=None):
    mark = SimpleNamespace(args=(group,)) if group else None
    return SimpleNamespace(nodeid=nodeid, get_closest_marker=lambda _: mark)


def test_the_longest_start_first_and_a_group_is_as_long_as_all_of_its_tests():
    names = ["quick.py::a", "lab.py::a", "lab.py::b", "lab.py::c", "long.py::a", "quick.py::b"]
    items = [item(name, "lab" if name.startswith("lab") else None) for name in names]

    longest_first(items, {"lab.py": 10.0, "long.py": 25.0})

    assert [one.nodeid for one in items] == [*names[1:5], "quick.py::a", "quick.py::b"]


def test_what_is_typical_is_said_of_files_that_are_there():
    root = TYPICAL.parents[1]
    assert [file for file in json.loads(TYPICAL.read_text()) if not (root / file).is_file()] == []
