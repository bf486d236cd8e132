"""``handles_steady``: descriptors at the same cycle of the first and the last start, with a little slack."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def run(story, *handles):
    story.starts()
    for number in handles:
        story.cycle(handles=number)
    story.exits()


@pytest.mark.parametrize("last", [12, 15, 4])
def test_the_same_number_or_a_few_more_pass(story, last):
    run(story, 12)
    run(story, 40)
    run(story, last)

    assert story.told("handles_steady") == []


def test_growth_over_restarts_fails(story):
    run(story, 12, 12)
    run(story, 14, 14)
    run(story, 16, 13)

    [finding] = story.findings("handles_steady")

    assert finding.key == ("handles_steady", "handles")
    assert finding.verdict == FAILED
    assert finding.reason == "open handles at cycle 1 grew from 12 in the first start to 16 in the last"


def test_a_cycle_that_polling_missed_in_one_start_is_not_compared(story):
    run(story, 12, 12)
    run(story, None, 30)

    assert story.told("handles_steady") == [
        (FAILED, "open handles at cycle 2 grew from 12 in the first start to 30 in the last")
    ]


@pytest.mark.parametrize("starts", [[], [[12]], [[None], [12]], [[12, None], [None, 12]]])
def test_without_the_same_cycle_of_two_starts_nothing_is_proved(story, starts):
    for handles in starts:
        run(story, *handles)

    assert story.told("handles_steady") == [
        (NOT_EXERCISED, "open handles were not seen at the same cycle of two starts")
    ]
