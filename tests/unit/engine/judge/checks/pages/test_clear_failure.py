"""``clear_failure``: after a control, a failure that says so; anything that looks like an answer is a lie."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.pages.asked import answer, asked


@pytest.mark.parametrize(
    "under",
    [
        answer(500, '{"error": "RuntimeError"}', pid=7),
        answer(503, "", pid=7),
        answer(None, "", "RuntimeError: stress test: simulated failure of numpy", pid=7),
        answer(None, "", "ImportError: no module", pid=7),
    ],
)
def test_it_fails_and_says_so(story, under):
    asked(story, before=answer(), under=under)
    assert story.told("clear_failure") == []


@pytest.mark.parametrize(
    ("under", "told"),
    [
        (answer(pid=7), "answered 200 as if nothing were wrong"),
        (answer(200, "", pid=7), "answered 200 as if nothing were wrong"),
        (answer(404, "no such page", pid=7), "answered 404, which does not say what is wrong"),
        (answer(None, "", "no answer within 120 s", pid=7), "did not answer, and did not say why"),
    ],
)
def test_it_does_not_say_so(story, under, told):
    asked(story, before=answer(), under=under)

    [finding] = story.findings("clear_failure")

    assert finding.verdict == FAILED
    assert told in finding.reason
    assert finding.evidence == ("probe-02.out",)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"before": answer(500, "a version clash")}, "said: status 500: a version clash before the fault"),
        ({"before": answer(200, " ")}, "said: status 200: nothing before the fault"),
        ({"before": answer(None, "", "AttributeError: werkzeug")}, "AttributeError: werkzeug"),
        ({}, "was not asked before the fault"),
        ({"before": answer(), "met": (99,)}, "did not meet the fault"),
        ({"before": answer(), "bit": False}, "did not meet the fault"),
    ],
)
def test_without_control_or_fault_it_proves_nothing(story, how, told):
    asked(story, under=answer(pid=7), **how)

    [(verdict, reason)] = story.told("clear_failure")

    assert verdict == NOT_EXERCISED
    assert told in reason


def test_never_asked_under_a_fault(story):
    asked(story, before=answer(), after=answer())
    assert [one[0] for one in story.told("clear_failure")] == [NOT_EXERCISED]
