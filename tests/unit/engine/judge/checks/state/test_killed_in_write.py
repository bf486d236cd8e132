"""``killed_in_write``: a kill that missed is no proof."""

from fleet_stress.store.verdict import NOT_EXERCISED


def killed(story, writing):
    story.starts()
    story.cycle()
    story.sends("KILL")
    story.evidence["starts"][-1]["signals"][-1]["writing"] = writing
    story.exits(signal="KILL")


def test_all_hit(story):
    for _ in range(2):
        killed(story, ["ledger.json.tmp"])
    story.runs()
    assert story.told("killed_in_write", times=2) == []
    assert story.told("killed_in_write") == []


def test_one_missed_or_too_few(story):
    killed(story, ["ledger.json.tmp"])
    [(verdict, reason)] = story.told("killed_in_write", times=2)
    assert verdict == NOT_EXERCISED
    assert reason == "1 of 1 kills hit the bot while it wrote a state file; 2 were meant"

    killed(story, [])
    [(verdict, reason)] = story.told("killed_in_write")
    assert (verdict, reason[:6]) == (NOT_EXERCISED, "1 of 2")


def test_no_kill_at_all(story):
    story.runs()
    assert [one[0] for one in story.told("killed_in_write")] == [NOT_EXERCISED]
