"""``keeps_pace``: enough cycles after the clock was stepped, none too late, and no rush."""

import pytest


def told(story, *, during=4, pause=0.0, pace=1.0, by=3600.0, bit=True, interval=1.0, **arguments):
    story.starts()["settings"] = {"scan_interval": interval}
    story.cycle()
    story.cycle()
    faults = story.evidence["faults"]
    clock = {
        "fault": "clock",
        "args": {},
        "at": 0.0,
        "start": None,
        "applied": True,
        "bit": True,
        "proof": {},
    }
    faults.append(clock)
    step = {"fault": "clock_step", "args": {}, "at": story.now + 0.1, "start": 1, "applied": True, "bit": bit}
    faults.append({**step, "lifted_at": story.now + 0.1, "proof": {"stepped_by": by}})
    story.now += pause
    for _ in range(during):
        story.now -= 1.0 - pace
        story.cycle()
    story.exits()
    clock["lifted_at"] = story.now + 0.1
    story.evidence["seconds"] = story.now + 1
    return story.told("keeps_pace", **{"cycles": 4, "longest_pause": 5.0, **arguments})


def test_it_went_on_at_its_pace(story):
    assert told(story) == []


def test_it_hung(story):
    [(verdict, few), (_, pause)] = told(story, during=0, pause=9.0, by=-3600.0)
    assert verdict == "failed"
    assert "0 cycles were finished" in few
    assert "after its clock was stepped by -3600 s" in few
    assert "a pause of 9" in pause


def test_it_ran_as_fast_as_it_could(story):
    [(verdict, reason)] = told(story, during=20, pace=0.01)
    assert verdict == "failed"
    assert "where one is due every 1 s" in reason


@pytest.mark.parametrize("interval", [0.01, None])
def test_who_has_no_pace_to_keep_is_not_held_to_one(story, interval):
    assert told(story, during=20, pace=0.01, interval=interval) == []


def test_a_clock_that_was_never_stepped_proves_nothing(story):
    story.runs()
    [(verdict, _)] = story.told("keeps_pace", cycles=1)
    assert verdict == "not_exercised"
