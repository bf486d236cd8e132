"""What a bot has handled and reported with a traceback is a note, where tracebacks are looked for."""

from fleet_stress.judge.case import Case
from fleet_stress.judge.handled_exceptions import notes


def noted(story, *expect):
    story.expect = [{"check": check, "args": {}} for check in expect]
    return list(notes(Case(story.evidence, story.folder, story.bot, story.scenario())))


def test_it_is_noted_with_how_often(story, traceback):
    story.starts()
    story.cycles(3)
    story.says(err=f"ERROR no price\n{traceback}ERROR no price\n{traceback}")
    story.exits()

    told = "handled, and reported with a traceback: KeyError: 3 at main.py:7, 2 times, first in start-01.err"
    assert noted(story, "no_traceback") == noted(story, "traceback_rate") == [told]
    assert noted(story, "state_valid") == []


def test_what_nobody_handled_is_no_note(story, traceback):
    story.starts()
    story.says(err=f"Exception in thread T:\n{traceback}")
    story.exits()

    assert noted(story, "no_traceback") == []


def test_there_is_an_end_to_them(story):
    story.starts()
    story.says(err="".join(f"Traceback (most recent call last):\n{name}Error\n" for name in "ABCDEFGHI"))
    story.exits()

    told = noted(story, "no_traceback")
    assert len(told) == 6
    assert told[-1] == "and 4 other exceptions that were handled and reported with a traceback"
