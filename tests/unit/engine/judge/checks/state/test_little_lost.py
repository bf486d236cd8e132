"""``little_lost``: the cycle in flight may go, also when the file itself is torn; no more."""

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def killed(story, cycles, *, torn=False):
    story.starts()
    for _ in range(cycles):
        story.cycle()
    if torn:
        story.writes("state/ledger.json", '{"orders"')
    story.sends("KILL")
    story.exits(signal="KILL")


def test_what_was_in_flight_may_go(story):
    killed(story, 3, torn=True)
    story.total = 1  # the next cycle writes 2, where 3 had been
    story.removes("state/bot_state.json")
    story.runs()

    assert [one for one in story.told("little_lost") if "ledger" in one[1]] == []


def test_starting_from_zero_beside_a_torn_file_is_seen(story):
    killed(story, 4, torn=True)
    story.total = 0
    story.runs()

    assert (
        FAILED,
        "state/ledger.json: orders had been 4 and was 1 at the first look at start 2; 1 cycles are worth 1",
    ) in story.told("little_lost")
    assert any(verdict == FAILED for verdict, _ in story.told("little_lost", cycles=2))
    assert story.told("little_lost", cycles=3) == []


def test_a_step_is_as_large_as_was_seen(story):
    killed(story, 2)
    for one in story.evidence["observations"]:
        one["fields"] = {name: value * 3 for name, value in one["fields"].items()}
    story.total = 0
    story.runs()
    for one in story.evidence["observations"]:
        if one["start"] == 2 and "orders" in one["fields"]:
            one["fields"] = {"orders": 3 + one["fields"]["orders"]}

    assert [reason for _, reason in story.told("little_lost") if "ledger" in reason] == []


def test_nothing_to_lose_proves_nothing(story):
    story.runs()
    assert [one[0] for one in story.told("little_lost")] == [NOT_EXERCISED]
