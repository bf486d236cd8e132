"""Causes before symptoms: what follows from a crash, or from a scenario that ended early, is told under it."""

import pytest

from fleet_stress.judge.judge import judge
from fleet_stress.judge.without_numbers import without_numbers
from tests.unit.engine.conftest import TRACEBACK
from tests.unit.engine.judge.test_judge import FINISHED, cut_short

NO_TRACEBACK = {"check": "no_traceback", "args": {}}
NONE_LEFT = {"check": "no_process_left", "args": {}}


def judged(story):
    return judge(story.scenario(), story.bot, story.store(), None)


def follows(entry):
    return {finding["check"]: finding.get("follows", {}).get("check") for finding in entry["findings"]}


def test_what_a_start_did_that_died_of_an_exception_follows_from_it(story):
    story.expect = [FINISHED, NO_TRACEBACK]
    story.starts()
    story.cycles(2)
    story.says(err=TRACEBACK)
    story.exits(1)
    entry = judged(story)
    assert follows(entry) == {"exit_code": "no_traceback", "no_traceback": None}
    assert entry["reasons"] == [
        "unhandled exception: KeyError: 3 at main.py:7, 1 times, first in start-01.err (from this follow: exit_code)"
    ]


def test_what_another_start_did_does_not(story):
    story.expect = [{"check": "exit_code", "args": {"is": "finished", "start": 2}}, NO_TRACEBACK]
    story.starts()
    story.says(err=TRACEBACK)
    story.exits(1)
    story.runs(code=3)
    entry = judged(story)
    assert follows(entry) == {"exit_code": None, "no_traceback": None}
    assert len(entry["reasons"]) == 2


def test_an_exception_that_no_start_died_of_explains_no_exit(story):
    story.expect = [FINISHED, NO_TRACEBACK]
    story.starts()
    story.says(err=f"Exception in thread T:\n{TRACEBACK}going on\n")
    story.exits(0)
    story.runs(code=3)
    assert follows(judged(story)) == {"exit_code": None, "no_traceback": None}


def test_what_a_scenario_lacks_that_ended_early_follows_from_that(story):
    story.expect = [FINISHED, NONE_LEFT]
    story.starts()
    story.exits(1)
    cut_short(story, "bot_ended")
    entry = judged(story)
    assert follows(entry) == {"steps": None, "exit_code": "steps"}
    assert entry["reasons"][0].endswith("(from this follow: exit_code)")


def test_an_early_end_follows_from_the_exception_that_caused_it(story):
    story.expect = [FINISHED, NO_TRACEBACK]
    story.starts()
    story.says(err=TRACEBACK)
    story.exits(1)
    cut_short(story, "bot_ended")
    assert follows(judged(story)) == {
        "steps": "no_traceback",
        "exit_code": "no_traceback",
        "no_traceback": None,
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("KeyError: 17", "KeyError: #"),
        ("no price for 0x7f3a9c in 1.5 s", "no price for # in # s"),
        ("order 3f2b9c4d8e1a is gone", "order # is gone"),
        ("the facade is added", "the facade is added"),
        ("at 12:30:05, 1,000 times", "at #, # times"),
    ],
)
def test_numbers_are_no_part_of_a_key(text, key):
    assert without_numbers(text) == key
