"""``death_named``: whoever was sent SIGFPE is dead of it, or says so by a code; success is a lie."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def sent(story, name="FPE", **ending):
    story.starts()
    story.cycle()
    story.sends(name)
    story.exits(**ending)


@pytest.mark.parametrize("ending", [{"signal": "FPE"}, {"code": 1}, {"code": 136}, {"signal": "ABRT"}])
def test_told_as_a_death(story, ending):
    sent(story, **ending)
    story.runs()
    assert story.told("death_named", signal="FPE") == []


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ({"code": 0}, "start 1 was sent SIGFPE and ended with exit code 0"),
        ({"signal": "KILL", "by": "engine"}, "start 1 went on after SIGFPE and was ended by us"),
    ],
)
def test_told_as_if_it_were_nothing(story, ending, told):
    sent(story, **ending)
    assert story.told("death_named", signal="FPE") == [(FAILED, told)]


def test_nobody_was_sent_it(story):
    sent(story, "TERM")
    assert story.told("death_named", signal="FPE") == [(NOT_EXERCISED, "no start was sent SIGFPE")]
