"""``fell_back``: live, cut off, mock, back, live; and nothing that proves less."""

import pytest

from fleet_stress.store.verdict import FAILED


def cut(story, *, lift=True, bit=True):
    """The network is gone for a while, told as the fault's entry."""
    story.now += 0.5
    entry = {"fault": "network_cut", "args": {}, "at": story.now, "start": 1, "applied": True}
    story.evidence["faults"].append({**entry, "lifted_at": None, "bit": bit, "proof": {}})
    return story.evidence["faults"][-1]


def tells(story, *sources):
    for source in sources:
        story.cycle(without=("state/health.json",))
        number = len(story._running["cycles"])
        story.writes("state/health.json", {"cycles_completed": number, "data_source": source})


@pytest.fixture
def tell(story):
    """``tell(before, during, after, err=…)``: a bot that says this of its data at these times."""
    story.bot["data_source"] = {"file": "health", "field": "data_source", "live": "live", "mock": "mock"}
    story.bot["messages"] = {"fell_back": "falling back", "live_again": "live again"}

    def tell(before, during, after, err="falling back to mock\nlive again\n", again=True, **more):
        story.starts()
        tells(story, *before)
        fault = cut(story)
        tells(story, *during)
        fault["lifted_at"] = story.now + 0.1
        tells(story, *after)
        story.says(err=err)
        story.exits()
        story.evidence["seconds"] = story.now
        return story.told("fell_back", again=again, **more)

    return tell


def test_it_fell_back_and_came_back(tell):
    assert tell(["live"] * 2, ["mock"] * 2, ["live"]) == []


def test_a_cycle_that_had_begun_before_may_still_be_live_and_one_after_still_mock(tell):
    assert tell(["live"], ["live", "mock"], ["mock", "live"]) == []


def test_a_bot_that_was_never_live_proves_nothing(tell):
    [(verdict, reason)] = tell(["mock"] * 2, ["mock"] * 2, ["mock"])
    assert verdict == "not_exercised"
    assert "it was never live here" in reason


def test_one_that_says_nothing_of_its_data_proves_nothing(tell):
    [(verdict, reason)] = tell([], [], [])
    assert (verdict, "it said nothing of its data" in reason) == ("not_exercised", True)


def test_one_that_goes_on_saying_live_lies(tell):
    [(verdict, reason)] = tell(["live"], ["live"] * 3, ["live"])
    assert verdict == "failed"
    assert "without ever saying `mock`" in reason


def test_one_that_says_live_again_while_nothing_can_be_reached_lies(tell):
    [(verdict, reason)] = tell(["live"], ["mock", "live"], ["live"])
    assert (verdict, "when nothing could be reached" in reason) == ("failed", True)


def test_one_that_stays_silent_while_it_stood_did_not_go_on(tell):
    [(verdict, reason)] = tell(["live"], [], ["live"])
    assert (verdict, "finished nothing" in reason) == ("failed", True)


def test_one_that_does_not_come_back(tell):
    [(verdict, reason)] = tell(["live"], ["mock"], ["mock"] * 3)
    assert (verdict, "never said `live` again" in reason) == ("failed", True)


def test_nobody_asked_for_its_return(tell):
    assert tell(["live"], ["mock"], ["mock"] * 3, again=False, err="falling back") == []


def test_one_that_does_it_in_silence(tell):
    told = tell(["live"], ["mock"], ["live"], err="")
    assert [verdict for verdict, _ in told] == ["failed", "failed"]
    assert "messages.fell_back" in told[0][1]
    assert "messages.live_again" in told[1][1]


def test_without_a_data_source_or_a_fault_nothing_was_proved(story):
    story.runs()
    assert [one for one, _ in story.told("fell_back")] == ["not_exercised"]
    story.bot["data_source"] = {"file": "health", "field": "data_source", "live": "live", "mock": "mock"}
    assert [one for one, _ in story.told("fell_back")] == ["not_exercised"]


def test_a_bot_that_makes_up_no_data_is_only_asked_to_say_that_it_has_none(tell, story):
    story.bot |= {"data_source": None, "own_data": False, "messages": {"fell_back": "no prices"}}

    assert tell([None], [None], [None], err="no prices today\n") == []


def test_and_it_may_not_keep_silent(tell, story):
    story.bot |= {"data_source": None, "own_data": False, "messages": {"fell_back": "no prices"}}

    [(verdict, reason)] = tell([None], [None], [None], err="")

    assert verdict == FAILED
    assert reason.startswith("nothing in its output and logs says so")


@pytest.mark.parametrize("during", [["live"] * 3, ["mock", "live"], ["live", "mock", "live"], ["mock"]])
def test_where_it_may_stay_live_that_is_as_good(tell, during):
    assert tell(["live"], during, ["live"], or_live=True) == []


def test_who_stays_live_has_nothing_to_say_and_who_does_not_has_to(tell):
    assert tell(["live"], ["live"], ["live"], err="", or_live=True) == []


@pytest.mark.parametrize(
    ("during", "after", "err"),
    [
        ([], ["live"], ""),
        (["mock"], ["mock"], "falling back to mock\nlive again\n"),
        (["mock"], ["live"], ""),
    ],
)
def test_it_must_go_on_come_back_and_say_that_it_fell_back_all_the_same(tell, during, after, err):
    assert FAILED in [verdict for verdict, _ in tell(["live"], during, after, err=err, or_live=True)]
