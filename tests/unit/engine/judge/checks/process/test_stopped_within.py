"""``stopped_within``: the time from a signal to the exit, of the slowest stop."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def stop(story, after, name="TERM", **ending):
    story.starts()
    story.cycle()
    story.sends(name)
    story.exits(after=after, **ending)


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_a_stop_at_the_limit_passes(story, name):
    stop(story, 10.0, name)

    assert story.told("stopped_within") == []


def test_the_slowest_stop_fails(story):
    stop(story, 0.5)
    stop(story, 12.25, "INT")
    stop(story, 11.0)

    [finding] = story.findings("stopped_within")

    assert finding.key == ("stopped_within", "stop")
    assert finding.verdict == FAILED
    assert finding.reason == "start 2 took 12.2 s to end after SIGINT; the limit is 10 s"


def test_a_scenario_may_set_its_own_limit(story):
    stop(story, 3.0)

    assert story.told("stopped_within", seconds=3) == []
    assert story.told("stopped_within", seconds=2.5) == [
        (FAILED, "start 1 took 3.0 s to end after SIGTERM; the limit is 2.5 s")
    ]


def test_a_bot_that_we_had_to_end_never_stopped(story):
    stop(story, 0.1, by="engine", signal="KILL")
    stop(story, 11.0)

    assert story.told("stopped_within") == [
        (FAILED, "start 1 never ended by itself after SIGTERM; the limit is 10 s")
    ]


def test_the_time_counts_from_the_first_signal(story):
    story.starts()
    story.cycle()
    story.sends("TERM")
    story.now += 20
    story.sends("INT")
    story.exits(after=0.25)

    assert len(story.told("stopped_within")) == 1


def test_a_bot_that_was_not_asked_to_stop_proves_nothing(story):
    story.runs()
    stop(story, 0.1, "KILL", signal="KILL")

    assert story.told("stopped_within") == [(NOT_EXERCISED, "no SIGTERM or SIGINT was sent")]
