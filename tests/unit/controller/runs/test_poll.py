"""What a host prints when it is asked how far it is: read as what it says, or refused; never obeyed."""

import json

import pytest
from fleet_controller.runs import poll
from fleet_controller.untrusted.unpack import Hostile
from hypothesis import given
from hypothesis import strategies as st

LAST = {"what": "poll", "offset": 70, "alive": True, "ended": False, "known": True}
ENDED = {
    **{"what": "scenario_ended", "scenario": "sigterm", "row": "3.1", "verdict": "passed"},
    **{"reasons": ["all held"], "seconds": 3, "at": 1.5, "who": "supervisor"},
}
STEP = {"what": "step", "who": "sigterm", "detail": "wait for exit", "age": 1.5}


def said(*entries):
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def test_news_and_how_far_it_came():
    asked = {"what": "operator", "scenario": "unplug", "asked": "pull it"}
    started = {"what": "scenario_started", "scenario": "sigterm"}
    others = {"path": "5.3", "verb": "wait", "title": "T"}
    told = said({"what": "run_started"}, {**started, **others}, {**STEP, **others}, ENDED, asked, LAST)

    found = poll.read("Welcome!\n" + told, 20)

    assert (found.offset, found.ended, found.alive) == (70, False, True)
    assert found.news == [
        started,
        STEP,
        {name: ENDED[name] for name in ("what", "scenario", "row", "verdict", "reasons", "seconds")},
        asked,
    ]


def test_a_run_that_the_host_does_not_know():
    found = poll.read(said({**LAST, "offset": 0, "alive": False, "known": False}), 500)
    assert (found.offset, found.alive, found.ended) == (0, False, False)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "a poll of 0 lines"),
        ("hello\n", "a poll of 0 lines"),
        ("{\n", "no JSON"),
        ('{"a":' * 100_000 + "\n", "no JSON"),
        (said(ENDED), "how far"),
        (said({**LAST, "offset": "70"}), "how far"),
        (said({**LAST, "offset": True}), "how far"),
        (said({**LAST, "offset": 19}), "from 20 to 19"),
        (said({**LAST, "offset": -1}), "from 20 to -1"),
        (said({**LAST, "offset": 10**30}), "from 20 to"),
        (said({**ENDED, "seconds": "3"}, LAST), "without `seconds`"),
        (said({**ENDED, "seconds": 10**400}, LAST), "without `seconds`"),
        (said({**ENDED, "seconds": float("nan")}, LAST), "without `seconds`"),
        (said({**ENDED, "reasons": "no"}, LAST), "without `reasons`"),
        (said({**ENDED, "row": None}, LAST), "without `row`"),
        (said({"what": "operator"}, LAST), "without `scenario`"),
        (said({"what": "step", "who": "sigterm", "detail": "d", "age": "old"}, LAST), "without `age`"),
        ("{}\n" * 20_000, "a poll of 20000 lines"),
        ("{" + "x" * 5_000_000, "a poll of 5000001 characters"),
    ],
)
def test_what_no_host_of_ours_would_say_is_refused(text, told):
    with pytest.raises(Hostile, match=told):
        poll.read(text, 20)


JSON = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists)


@given(
    st.dictionaries(st.sampled_from([*ENDED, "asked", "offset", "ended"]), JSON),
    st.sampled_from([ENDED, LAST, STEP, {"what": "operator", "scenario": "a", "asked": "b"}]),
)
def test_whatever_it_says_it_is_read_or_refused(odd, kind):
    try:
        found = poll.read(said({**kind, **odd}, {**LAST, **odd, "what": "poll"}), 20)
    except Hostile:
        return
    assert all(isinstance(entry.get("scenario", entry.get("who")), str) for entry in found.news)
