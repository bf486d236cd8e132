"""Which tests start first, and which run one after the other."""

from types import SimpleNamespace

from tests.durations import TYPICAL
from tests.schedule import GROUPS, group_of, longest_first


def items(*names):
    return [SimpleNamespace(nodeid=name) for name in names]


def order(names, seconds):
    found = items(*names)
    longest_first(found, seconds)
    return [item.nodeid for item in found]


def test_the_longest_start_first_and_a_group_is_as_long_as_all_of_its_tests():
    lab = [f"tests/lab/test_lab.py::{name}" for name in "abc"]
    names = ["quick.py::a", *lab, "long.py::a", "quick.py::b"]

    assert order(names, {"tests/lab/test_lab.py": 10.0, "long.py": 25.0}) == [
        *names[1:5],
        "quick.py::a",
        "quick.py::b",
    ]


def test_those_that_wait_are_mixed_with_those_that_compute():
    names = [f"{file}.py::{number}" for file in ("quick", "mutant") for number in range(10)]

    found = order(names, {"mutant.py": 9.0})

    files = [name.partition(".")[0] for name in found]
    assert files[:4] == ["mutant", "quick", "mutant", "quick"]
    assert files[-1] == "quick"
    assert [name for name in found if name.startswith("quick")] == names[:10], (
        "those of a file stay in their order"
    )


def test_all_of_a_folder_may_be_one_group():
    assert group_of("tests/page/test_page.py::test_dark[a@b]") == "page"
    assert group_of("tests/unit/test_page.py::test_dark") is None


def test_groups_are_of_what_is_there():
    root = TYPICAL.parents[1]
    assert [path for path in GROUPS if not (root / path).exists()] == []
