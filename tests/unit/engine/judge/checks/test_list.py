"""Every check that has a file is in the list, under the name of its file, and has its tests."""

from pathlib import Path

import pytest

from fleet_stress.judge import checks

FILES = {path.stem for path in Path(checks.__file__).parent.rglob("*.py") if "(Check):" in path.read_text()}
TESTS = {path.stem.removeprefix("test_") for path in Path(__file__).parent.rglob("test_*.py")} - {"list"}


def test_the_list_names_every_check():
    assert set(checks.CHECKS) == FILES == TESTS


@pytest.mark.parametrize("check", checks.CHECKS.values(), ids=lambda check: check.name)
def test_a_bare_value_stands_for_an_argument_that_there_is(check):
    assert check.short is None or check.short in check.arguments
    assert set(check.required) <= set(check.arguments)
