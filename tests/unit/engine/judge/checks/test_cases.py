"""Runs the cases of all checks: `<group>/<check>.yml` in this folder, as README.md says."""

import inspect
from pathlib import Path

import pytest
import yaml

from fleet_stress.judge.checks import CHECKS
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, SKIPPED
from tests.unit.engine.judge.checks.case_story import TRACEBACK, CaseStory, filled

FILES = {path.stem: path for path in Path(__file__).parent.glob("*/*.yml")}
KEYS = {"begins", "happens", "with", "words", "finds"}


def rows(path):
    """Each case of a file, and each row of one that has ``each``: a name, steps, words, arguments and findings."""
    document = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    common = document.pop("all cases", {})
    for name, case in document.items():
        for number, row in enumerate(case.get("each", [{}]), start=1):
            merged = common | case | {key: row[key] for key in row.keys() & KEYS}
            assert merged.keys() <= KEYS | {"each"}, f"{path.name}: {name}: {merged.keys()}"
            words = merged.get("words", {}) | {key: row[key] for key in row.keys() - KEYS}
            words = filled(words, {"traceback": TRACEBACK})
            steps = [*merged.get("begins", []), *merged.get("happens", [])]
            finds = [] if merged["finds"] == "nothing" else filled(merged["finds"], words)
            title = f"{name} [{number}]" if "each" in case else name
            yield title, steps, words, filled(merged.get("with", {}), words), finds


CASES = [
    pytest.param(path.stem, *case, id=f"{path.stem}: {title}")
    for path in sorted(FILES.values())
    for title, *case in rows(path)
]


@pytest.mark.parametrize(("check", "steps", "words", "arguments", "finds"), CASES)
def test_case(tmp_path, check, steps, words, arguments, finds):
    story = CaseStory(tmp_path)
    story.play(steps, words)

    found = story.findings(check, **arguments)

    assert {finding.check for finding in found} <= {check}
    assert [(finding.verdict, finding.subject) for finding in found] == [
        next((key, expected[key]) for key in (FAILED, NOT_EXERCISED, SKIPPED) if key in expected)
        for expected in finds
    ]
    for finding, expected in zip(found, finds, strict=True):
        assert expected.get("says", "") in finding.reason
        assert finding.evidence == tuple(expected.get("evidence", finding.evidence))


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_each_check_has_cases_of_all_that_it_can_find(check):
    source = inspect.getsource(inspect.getmodule(type(check)))
    finds = [param.values[-1] for param in CASES if param.values[0] == check.name]

    assert [] in finds, "a case in which it finds nothing"
    for verdict in (FAILED, NOT_EXERCISED, SKIPPED):
        if f"self.{verdict}" in source:
            assert any(verdict in finding for found in finds for finding in found), f"a case of {verdict}"


def test_cases_are_of_checks_that_there_are():
    assert set(FILES) == set(CHECKS)
    folders = {name: inspect.getmodule(type(check)).__name__.split(".")[-2] for name, check in CHECKS.items()}
    assert {name: path.parent.name for name, path in FILES.items()} == folders


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_bare_value_stands_for_an_argument_that_there_is(check):
    assert check.short is None or check.short in check.arguments
    assert set(check.required) <= set(check.arguments)
