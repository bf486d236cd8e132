"""A worker's part in the live page: it tells how far its host is, and never waits for a page or fails for one."""

import threading

import pytest
from fleet_controller.runs import live_folder
from fleet_controller.runs.live_page import LivePage

ROWS = {"sigterm": {"since": 1_764_000_000}}


@pytest.fixture
def folder(tmp_path):
    live_folder.begin(tmp_path)
    return tmp_path


def test_what_a_host_says_is_there_for_whoever_draws(folder):
    seen = []
    page = LivePage(folder, "h1", lambda where: seen.append(live_folder.told(where)))
    page.heard(ROWS)
    page.close()
    assert seen == [{"h1": ROWS}]


def test_following_goes_on_while_a_page_is_drawn(folder):
    drawing, goes_on, drawn = threading.Event(), threading.Event(), []

    def draw(where):
        drawn.append(where)
        drawing.set()
        goes_on.wait(30)

    page = LivePage(folder, "h1", draw)
    page.heard(ROWS)
    assert drawing.wait(30)
    page.heard({"sigterm": {"verdict": "passed"}})  # it comes back, and no second one draws beside the first
    assert live_folder.told(folder)["h1"]["sigterm"] == {"verdict": "passed"}
    goes_on.set()
    page.close()
    assert len(drawn) == 1


def test_a_page_that_cannot_be_drawn_stops_nobody(folder):
    page = LivePage(folder, "h1", lambda _: 1 / 0)
    page.heard(ROWS)
    page.close()
    assert isinstance(page.problem, ZeroDivisionError)


def test_without_a_live_page_nothing_is_written(tmp_path):
    page = LivePage(tmp_path, "h1", lambda _: 1 / 0)
    page.heard(ROWS)
    page.close()
    assert not list(tmp_path.iterdir())
    assert page.problem is None


def test_the_same_is_told_once(folder):
    page = LivePage(folder, "h1", lambda _: None)
    page.heard(ROWS)
    before = live_folder.changed(folder)
    page.heard(dict(ROWS))
    page.close()
    assert live_folder.changed(folder) == before
