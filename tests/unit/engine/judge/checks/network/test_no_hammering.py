"""``no_hammering``: requests a second while the exchange answered badly, against those before."""

import pytest


def told(story, *, requests, seconds=10.0, before=(11, 10.0), bit=True, **arguments):
    proof = {
        "answer": "server_error",
        "requests": requests,
        "seconds": seconds,
        "before": {"requests": before[0], "between_first_and_last": before[1]},
    }
    fault = {"fault": "bad_exchange", "args": {}, "at": 1.0, "start": 1, "applied": True}
    story.evidence["faults"].append({**fault, "lifted_at": 11.0, "bit": bit, "proof": proof})
    return story.told("no_hammering", **arguments)


@pytest.mark.parametrize("requests", [1, 10, 50])
def test_as_often_as_before_or_some_times_more_is_well(story, requests):
    assert told(story, requests=requests) == []


def test_without_a_pause_is_hammering(story):
    [(verdict, reason)] = told(story, requests=4000)
    assert verdict == "failed"
    assert "400.0 a second, where 1.0 were usual" in reason


def test_how_many_times_is_the_scenarios_word(story):
    assert told(story, requests=90, times=10) == []
    story.evidence["faults"].clear()
    assert told(story, requests=90, times=8) != []


def test_a_handful_is_no_hammering_however_short_it_was(story):
    assert told(story, requests=30, seconds=0.1) == []


@pytest.mark.parametrize("before", [(1, 0.0), (0, 0.0)])
def test_what_is_usual_must_be_known(story, before):
    [(verdict, reason)] = told(story, requests=4000, before=before)
    assert verdict == "not_exercised"
    assert "too few" in reason


def test_an_exchange_that_never_answered_badly_proves_nothing(story):
    assert told(story, requests=4000, bit=False)[0][0] == "not_exercised"
