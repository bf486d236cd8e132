"""The page of a run that goes on: it follows by itself, waits for whoever reads it, and says when nobody draws it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from fleet_controller.report.page import PAGE, page
from fleet_controller.report.page.live import so_far
from fleet_controller.untrusted.atomic_files import write_bytes_atomic
from playwright.sync_api import expect

from tests.page.fleet import catalogue

WHEN = datetime(2026, 11, 24, 14, 12, 31, tzinfo=UTC)
NOW = f"{WHEN:%Y-%m-%d %H:%M:%S} UTC"
EVERY = 5
#: What a host may say of a row; whatever it fetches or shows fails the test.
HOSTILE = "it grows </script><img src=x onerror=alert(1)>"


def drawn(folder, told, written=NOW):
    """The page of a run of two hosts that have said this."""
    run = {
        "run_id": "20261124-141200-abcdef",
        "state": "running",
        "started": "2026-11-24T14:12:00+00:00",
        "versions": {"fleet_stress": "0.1.0"},
        "bot": "reference",
        "bot_source": {"kind": "git", "source": "https://x.org/b.git", "ref": "v1"},
        "profile": "smoke",
        "hosts": ["h1", "h2"],
    }
    asked = [{**row, "id": row["scenario"]} for row in catalogue()]
    live = {"begun": bool(told), "written": written, "every": EVERY}
    write_bytes_atomic(folder / PAGE, page(folder, so_far(run, {"scenarios": asked}, told), live=live))
    return folder / PAGE


def done(verdict="passed", *reasons):
    return {"verdict": verdict, "reasons": list(reasons), "seconds": 3.0}


@pytest.fixture
def watched(opened, tmp_path):
    """Opens such a page a second after it was written; its clock goes on when it is told to."""

    def watched(told, address=""):
        return opened(drawn(tmp_path, told), address, clock_at=WHEN + timedelta(seconds=1))

    return watched


def test_it_says_what_is_done_what_runs_and_what_waits_on_which_host(watched):
    page = watched({"h1": {"baseline": done(), "memory": done("failed", HOSTILE), "sigterm": {"since": 0}}})
    rows = len(catalogue())
    expect(page.locator("h1.failed")).to_contain_text(f"Running: 2 of {2 * rows} verdicts")
    expect(page.locator(".lead")).to_have_text(
        f"1 passed, 1 failed, 1 running, {2 * rows - 3} waiting on 2 hosts"
    )
    cell = page.get_by_role("button", name=re.compile("sigterm on h1"), include_hidden=True)
    expect(page.locator("#live")).not_to_contain_text("No host has begun")
    expect(cell).to_have_attribute("aria-label", re.compile("sigterm on h1: running$"))
    page.evaluate("location.hash = '#h1/memory'")
    expect(page.locator("#panel")).to_contain_text(HOSTILE)
    expect(page.locator("#panel")).to_contain_text("What was seen of it is shown when the run is over.")
    page.evaluate("location.hash = '#h2/memory'")
    expect(page.locator("#panel")).to_contain_text("It has not begun.")


def test_it_follows_the_run_by_itself(watched, tmp_path):
    page = watched({})
    expect(page.locator("h1")).to_contain_text("Running: 0 of")
    drawn(tmp_path, {"h1": {"baseline": done()}})
    page.clock.run_for(1000 * (EVERY + 2))
    expect(page.locator("h1")).to_contain_text("Running: 1 of")


def test_whoever_reads_a_cell_keeps_it_until_it_is_closed(watched, tmp_path):
    page = watched({"h1": {"memory": done("failed", "it grows")}}, address="#h1/memory")
    drawn(tmp_path, {"h1": {"memory": done("failed", "it grows"), "baseline": done()}})
    page.clock.run_for(1000 * 20)
    expect(page.locator("#panel")).to_contain_text("it grows")
    expect(page.locator("h1")).to_contain_text("Running: 1 of")
    page.locator("#panel .close").click()
    page.clock.run_for(2000)
    expect(page.locator("h1")).to_contain_text("Running: 2 of")


def test_one_that_nobody_draws_any_more_says_since_when(watched):
    page = watched({})
    live = page.locator("#live")
    expect(live).to_contain_text("No host has begun its plan")
    expect(live).to_contain_text(f"last heard of at {NOW}, 1 s ago")
    expect(live).not_to_have_class(re.compile("silent"))
    page.evaluate("document.querySelector('.filters input').focus()")  # or it would be loaded again
    page.clock.run_for(1000 * 600)
    expect(live).to_contain_text("10 min ago")
    expect(live).to_have_class(re.compile("silent"))
    expect(live).to_contain_text("the same command goes on with the run")


def test_without_scripts_the_page_is_loaded_again_by_the_browser(tmp_path):
    text = drawn(tmp_path, {}).read_text("utf-8")
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in text


def test_a_run_that_is_over_is_not_loaded_again(small):
    text = small.read_text("utf-8")
    assert 'http-equiv="refresh"' not in text
    assert "location.reload" not in text
