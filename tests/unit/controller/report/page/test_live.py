"""The page of a run while it goes on: what it says, how often it is drawn, and that the report has the last word."""

import json
import time
from collections import Counter

import pytest
from fleet_controller.report.page import PAGE
from fleet_controller.report.page import live as module
from fleet_controller.report.page.live import draw, so_far
from fleet_controller.runs import live_folder
from fleet_controller.runs.live_folder import EVERY, HEARD_EVERY, SHARE, Turn, is_due
from fleet_controller.runs.live_page import LivePage
from fleet_controller.untrusted.atomic_files import stored

from tests.unit.controller.finished_run import Run

PASSED = {"verdict": "passed", "reasons": [], "seconds": 3.0}
FAILED = {"verdict": "failed", "reasons": ["start 2 exited 1"], "seconds": 9.0}


@pytest.fixture
def run(tmp_path):
    """A run of two hosts that has just begun."""
    found = Run(tmp_path)
    found.begin("h1", "h2")
    live_folder.begin(found.folder)
    return found


@pytest.fixture
def clock(monkeypatch):
    """Time as the page sees it; ``clock(5)`` goes on."""
    now = [time.monotonic()]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


@pytest.fixture
def drawn(monkeypatch):
    """What was drawn from, one for each page."""
    found, real = [], module.page
    monkeypatch.setattr(
        module, "page", lambda *given, **more: (found.append(given[1]), real(*given, **more))[1]
    )
    return found


def document(run):
    return so_far(
        stored(run.folder / "run.json"), stored(run.folder / "compiled.json"), live_folder.told(run.folder)
    )


def words(run, host):
    return [entry["verdict"] for entry in document(run)["hosts"][host]["scenarios"]]


def test_rows_without_a_verdict_run_or_wait(run):
    live_folder.tell(run.folder, "h1", {"baseline": PASSED, "corrupt_state": {"since": 1_764_000_000}})
    assert words(run, "h1") == ["passed", "running", "waits"]
    assert words(run, "h2") == ["waits"] * 3
    assert document(run)["hosts"]["h1"]["scenarios"][1]["reasons"] == ["since 16:00:00 UTC"]
    assert +Counter(document(run)["counts"]) == Counter(passed=1, running=1, waits=4)


def test_a_host_that_is_lost_is_told_with_what_it_had_said(run):
    page = LivePage(run.folder, "h1", lambda _: None)
    page.heard({"baseline": PASSED})
    page.fails("lost: no answer\x1b[2J\nfor 300 s")
    page.close()
    assert document(run)["hosts"]["h1"]["problem"] == "lost: no answer\\x1b[2J for 300 s"
    assert words(run, "h1") == ["passed", "waits", "waits"]
    draw(run.folder)
    assert "lost: no answer" in (run.folder / PAGE).read_text("utf-8")


def test_a_host_that_is_done_has_its_verdict(run):
    rows = {"baseline": PASSED, "corrupt_state": FAILED, "sigkill_restart": PASSED}
    live_folder.tell(run.folder, "h1", rows)
    verdicts = {name: host["verdict"] for name, host in document(run)["hosts"].items()}
    assert verdicts == {"h1": "failed", "h2": "waits"}


def test_it_is_drawn_when_something_is_new_and_not_more_often_than_it_may(run, clock, drawn):
    draw(run.folder)
    draw(run.folder)
    clock(2 * EVERY)
    draw(run.folder)
    assert len(drawn) == 1, "nothing is new"
    live_folder.tell(run.folder, "h1", {"baseline": PASSED})
    draw(run.folder)
    live_folder.tell(run.folder, "h1", {"baseline": PASSED, "corrupt_state": FAILED})
    draw(run.folder)
    assert len(drawn) == 2, "not again so soon"
    clock(EVERY)
    draw(run.folder)
    assert (len(drawn), drawn[-1]["counts"]["failed"]) == (3, 1), "what came too soon is told with the next"
    assert "start 2 exited 1" in (run.folder / PAGE).read_text("utf-8")


def test_a_page_that_takes_long_is_drawn_more_rarely():
    assert is_due(Turn(), 0.0)
    assert is_due(Turn(drawn=100.0, took=0.1), 100.0 + EVERY)
    assert not is_due(Turn(drawn=100.0, took=2.0), 100.0 + EVERY)
    assert is_due(Turn(drawn=100.0, took=2.0), 100.0 + SHARE * 2.0)


def test_hosts_that_answer_nothing_new_cost_no_drawing_and_are_told(run, clock, drawn, monkeypatch):
    monkeypatch.setattr(module, "_now", iter(["2026-11-24 14:12:00 UTC", "2026-11-24 14:12:30 UTC"]).__next__)
    draw(run.folder)
    clock(HEARD_EVERY)
    draw(run.folder)
    assert len(drawn) == 1
    page = (run.folder / PAGE).read_text("utf-8")
    assert page.count("14:12:30 UTC") == 2
    assert "14:12:00 UTC" not in page


def test_whoever_has_nothing_to_draw_knows_that_beforehand(run, clock):
    assert live_folder.needed(run.folder)
    draw(run.folder)
    assert not live_folder.needed(run.folder)
    live_folder.tell(run.folder, "h1", {"baseline": PASSED})
    assert not live_folder.needed(run.folder), "not again so soon"
    clock(EVERY)
    assert live_folder.needed(run.folder)
    draw(run.folder)
    clock(HEARD_EVERY)
    assert live_folder.needed(run.folder), "to say that hosts answer"
    live_folder.end(run.folder)
    assert not live_folder.needed(run.folder)


def test_somebody_else_who_draws_is_not_waited_for(run, drawn):
    with live_folder.turn(run.folder) as mine:
        assert mine is not None
        draw(run.folder)
    assert not drawn


def test_one_that_cannot_be_drawn_is_not_tried_again_and_again(run, clock, monkeypatch):
    tries = []
    monkeypatch.setattr(module, "page", lambda *given, **_: (tries.append(given), 1 / 0))
    for _ in range(3):
        live_folder.tell(run.folder, "h1", {})
        try:
            draw(run.folder)
        except ZeroDivisionError:
            clock(1)
    assert len(tries) == 1


def test_the_report_has_the_last_word(run, drawn):
    draw(run.folder)
    live_folder.tell(run.folder, "h1", {"baseline": PASSED})
    live_folder.end(run.folder)
    live_folder.tell(run.folder, "h1", {"baseline": FAILED})
    draw(run.folder)
    assert len(drawn) == 1
    assert not (run.folder / "live").exists()
    live_folder.end(run.folder)  # repeatable


def test_a_run_that_is_closed_is_not_drawn(run, drawn):
    path = run.folder / "run.json"
    path.write_text(json.dumps({**stored(path), "state": "finished"}), "utf-8")
    draw(run.folder)
    assert not drawn


def test_a_hosts_name_is_no_way_out_of_the_folder(run):
    for name in ("../h1", ".lock", "", "a/b"):
        live_folder.tell(run.folder, name, {})
    assert sorted(path.name for path in (run.folder / "live").iterdir()) == [".lock"]


def test_a_run_that_is_gone_on_with_is_drawn_at_once(run, drawn):
    draw(run.folder)
    live_folder.begin(run.folder)
    draw(run.folder)
    assert len(drawn) == 2
