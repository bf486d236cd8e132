"""What is recorded of a run of tests, and what lint says of it."""

import json
from types import SimpleNamespace

import pytest

from tests.durations import Durations, typical, unmarked


def report(nodeid, duration, *keywords):
    return SimpleNamespace(nodeid=nodeid, duration=duration, keywords=dict.fromkeys(keywords, 1))


def test_a_test_took_its_setup_and_teardown_too(tmp_path):
    durations = Durations()
    for seconds in (1.0, 20.5, 0.25):
        durations.add(report("a.py::test[x]", seconds))
    durations.add(report("a.py::test_long", 30.0, "slow"))
    durations.write(tmp_path / "new/durations.json")

    assert json.loads((tmp_path / "new/durations.json").read_text()) == [
        {"test": "a.py::test_long", "seconds": 30.0, "slow": True},
        {"test": "a.py::test[x]", "seconds": 21.75, "slow": False},
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
