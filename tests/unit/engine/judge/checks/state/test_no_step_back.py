"""``no_step_back``: who begins anew in mid-run is seen, also when it has caught up by its end."""

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_numbers_that_rise_are_well(story):
    story.runs()
    story.runs()
    assert story.told("no_step_back") == []


def test_a_number_that_went_back_in_mid_run_is_seen_though_it_caught_up(story):
    story.starts()
    for _ in range(3):
        story.cycle()
    story.total = 0
    for _ in range(5):
        story.cycle()
    story.exits(0)

    assert (
        FAILED,
        "state/ledger.json: orders had been 3 and was 1 later, in start 1",
    ) in story.told("no_step_back")


def test_where_nothing_rose_there_was_nothing_to_lose(story):
    story.starts()
    story.exits(0)
    assert [one[0] for one in story.told("no_step_back")] == [NOT_EXERCISED]
