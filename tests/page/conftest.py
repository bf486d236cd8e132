"""Runs on disk, their pages, and a browser; all tests of a browser share one, in one process."""

from datetime import timedelta

import pytest
from fleet_controller.report.page import PAGE, page
from fleet_controller.untrusted.atomic_files import write_bytes_atomic
from playwright.sync_api import expect

from tests.page import browser
from tests.page.fleet import Fleet


@pytest.fixture(scope="session")
def chromium():
    if browser.found() is None:
        pytest.skip(browser.MISSING)
    # A deadline, and no measure: the machine may be busy with other tests.
    expect.set_options(timeout=30_000)
    with browser.browser() as one:
        yield one


def drawn(fleet, earlier=None):
    """The page of a run, written where it belongs; its path."""
    path = fleet.folder / PAGE
    write_bytes_atomic(path, page(fleet.folder, fleet.results, earlier))
    return path


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Eleven hosts, one of them lost; two rows failed on two hosts, and so did memory."""
    return drawn(Fleet(tmp_path_factory.mktemp("small"), hosts=11).lose("mac05"))


@pytest.fixture(scope="session")
def large(tmp_path_factory):
    """Fifty hosts, and all rows of the catalogue."""
    return drawn(Fleet(tmp_path_factory.mktemp("large"), hosts=50))


@pytest.fixture
def opened(chromium):
    """Opens a page; whatever it complained of or asked for beside itself fails the test afterwards."""
    contexts, wrong = [], []

    def opened(path, address="", clock_at=None, **looks):
        context = chromium.new_context(**{"viewport": {"width": 1400, "height": 900}, **looks})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: wrong.append(f"console: {said.text}"))
        page.on("pageerror", lambda problem: wrong.append(f"error: {problem}"))
        page.on("dialog", lambda dialog: (wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on(
            "request", lambda item: wrong.append(f"fetched: {item.url}") if _beside(item.url, path) else None
        )
        if clock_at:
            page.clock.install(time=clock_at - timedelta(hours=1))
            page.clock.pause_at(clock_at)
        page.goto(path.as_uri() + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong


def _beside(url, path):
    return url.partition("#")[0] != path.as_uri() and not url.startswith("data:,")
