"""Each check has a remedy: whoever reads what failed reads there what to change."""

import re
from pathlib import Path

import pytest
from fleet_controller.report.remedies import remedies, remedies_of

from fleet_stress.judge.check_list import VISIT
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.grounds import STEPS
from fleet_stress.judge.left_out import FAULT

ROOT = Path(__file__).parents[4]


def test_each_check_has_one_and_nothing_else_does():
    assert set(remedies()) == {*CHECKS, STEPS, FAULT, VISIT, "limits"}


@pytest.mark.parametrize("check", sorted(remedies()))
def test_it_is_a_paragraph_with_a_link_that_can_be_followed(check):
    remedy = remedies()[check]
    assert 80 < len(remedy["fix"]) < 450
    assert remedy["fix"].endswith(".")
    assert re.fullmatch(r"https://\S+", remedy["link"])
    if remedy["doc"]:
        path, _, anchor = remedy["doc"].partition("#")
        heads = re.findall("^#+ (.*)", (ROOT / path).read_text("utf-8"), re.MULTILINE)
        assert not anchor or anchor in {
            re.sub("[^a-z ]", "", head.lower()).replace(" ", "-") for head in heads
        }


def test_only_those_that_a_run_needs_are_on_its_page():
    assert list(remedies_of(["exit_code", "no such check"])) == ["exit_code"]
