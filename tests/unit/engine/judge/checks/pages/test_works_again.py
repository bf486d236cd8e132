"""``works_again``: the same kind of answer as before the fault, though not the same numbers."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.pages.asked import answer, asked

BROKEN = answer(500, "broken", pid=7)


def test_as_before(story):
    later = answer(body='[{"strategy": "dearest", "volatility": 0.9}, {"strategy": "b", "volatility": 1}]')
    asked(story, before=answer(), under=BROKEN, after=later)
    assert story.told("works_again") == []


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (BROKEN, "still fails after the fault is gone: status 500: broken"),
        (answer(None, "", "RuntimeError: x"), "still fails after the fault is gone: RuntimeError: x"),
        (answer(body="[]"), "answers otherwise than before"),
        (answer(body='{"error": "numpy"}'), "answers otherwise than before"),
        (answer(body='[{"strategy": "cheapest"}]'), "answers otherwise than before"),
    ],
)
def test_not_as_before(story, after, told):
    asked(story, before=answer(), under=BROKEN, after=after)
    [(verdict, reason)] = story.told("works_again")
    assert (verdict, told in reason) == (FAILED, True)


@pytest.mark.parametrize(
    "how",
    [
        {"before": answer(), "under": BROKEN},
        {"before": BROKEN, "under": BROKEN, "after": answer()},
        {"under": BROKEN, "after": answer()},
        {"before": answer(), "under": BROKEN, "after": answer(), "met": (8,)},
        {"before": answer(), "after": answer()},
    ],
)
def test_nothing_proved(story, how):
    asked(story, **how)
    assert [one[0] for one in story.told("works_again")] == [NOT_EXERCISED]
