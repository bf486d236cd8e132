"""How far a host is, from its news; and the way of it from a worker to the screen."""

import os

import pytest
from fleet_controller.runs import progress_channel
from fleet_controller.runs.progress import Bad, Doing, Progress

PLAN = {
    "host": "h1",
    "limits": {"bots_at_once": 2},
    "scenarios": [
        {"id": name, "estimate": 10, "weight": 1, "exclusive": False, "baseline": False, "skip": None}
        for name in ("sigterm", "sigint")
    ],
}


@pytest.fixture
def progress():
    return Progress(PLAN, hosts=50, clock=lambda: 100.0)


@pytest.fixture
def mine(monkeypatch):
    """Somebody listens, for as long as the test takes."""
    monkeypatch.setattr(progress_channel, "_ends", [])
    mine = progress_channel.listen()
    yield mine
    for item in (mine, *progress_channel._ends):
        item.close()


def started(scenario):
    return {"what": "scenario_started", "scenario": scenario}


def step(scenario, detail, age=0.0):
    return {"what": "step", "who": scenario, "detail": detail, "age": age}


def ended(scenario, verdict, *reasons):
    about = {"row": "3.1", "verdict": verdict, "reasons": list(reasons), "seconds": 5.0}
    return {"what": "scenario_ended", "scenario": scenario, **about}


def test_in_the_beginning_there_is_only_the_plan(progress):
    state = progress.state()
    assert (state.host, state.hosts, state.scenarios, state.counts, state.left) == ("h1", 50, 2, {}, 10.0)


def test_a_scenario_is_at_its_latest_step(progress):
    for item in (
        started("sigterm"),
        step("sigterm", "start"),
        step("sigterm", "wait for first cycle", age=3.0),
    ):
        progress.heard(item)
    assert progress.state().doing == [Doing("sigterm", "wait for first cycle", 97.0)]


def test_what_has_its_verdict_is_at_no_step_any_more(progress):
    for item in (
        step("sigterm", "start"),
        ended("sigterm", "passed"),
        step("sigterm", "a step that came late"),
    ):
        progress.heard(item)
    state = progress.state()
    assert (state.doing, state.counts, state.bad) == ([], {"passed": 1}, [])


def test_a_bad_verdict_is_told_with_its_reason(progress):
    progress.heard(ended("sigterm", "failed", "exit code 1\x1b[31m", "more"))
    assert progress.state().bad == [Bad("3.1", "sigterm", "failed", "exit code 1\\x1b[31m")]


def test_nobody_asked_for_a_scenario_that_is_not_in_the_plan(progress):
    for item in (started("mine"), step("mine", "x"), ended("mine", "passed"), ended("sigint", "brilliant")):
        progress.heard(item)
    assert progress.state() == Progress(PLAN, 50, lambda: 100.0).state()


def test_a_worker_is_heard_by_whoever_forked_it(progress, mine):
    progress.heard(step("sigterm", "wait for exit"))
    progress.heard(ended("sigint", "error", "our fault"))
    worker = os.fork()
    if worker == 0:
        progress_channel.tell(progress.state())
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0
    assert progress_channel.heard(mine, 60.0) == progress.state()
    assert progress_channel.heard(mine, 0.01) is None


def test_a_screen_that_does_not_read_holds_nobody_up(progress, mine):
    for end in progress_channel._ends:
        end.setblocking(False)
    for _ in range(1_000):
        progress_channel.tell(progress.state())
    assert progress_channel.heard(mine, 60.0) == progress.state()


def test_without_a_screen_nobody_is_told(progress, monkeypatch):
    monkeypatch.setattr(progress_channel, "_ends", [])
    progress_channel.tell(progress.state())
    assert not progress_channel.listened()


def test_what_a_host_repeats_or_makes_up_is_no_news(progress):
    asks = {"what": "operator", "scenario": "sigterm", "asked": "pull the plug"}

    assert sum(progress.heard(asks) for _ in range(1_000)) == 20
    assert [progress.heard(ended("sigterm", verdict)) for verdict in ("great", "passed", "passed")] == [
        False,
        True,
        False,
    ]
    assert not progress.heard(started("unknown"))
    assert not progress.heard(asks)


def test_of_each_row_the_page_is_told_how_far_it_is(progress):
    progress.heard(started("sigterm"))
    progress.heard(ended("sigint", "failed", "start 2 exited \x1b[31m1", *["more"] * 5))
    rows = progress.rows()
    assert list(rows["sigterm"]) == ["since"]
    reasons = ["start 2 exited \\x1b[31m1", "more", "more"]
    assert rows["sigint"] == {"verdict": "failed", "reasons": reasons, "seconds": 5.0}
    assert Progress(PLAN, hosts=1).rows() == {"sigint": {}, "sigterm": {}}
