"""A headless Chromium of the system's: the page is opened as people open it, as a file."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = "needs a Chromium: apt-get install chromium, or name one in FLEET_STRESS_CHROMIUM"


def found() -> str | None:
    """The program to use; None where there is none."""
    named = os.environ.get("FLEET_STRESS_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser of our own, gone afterwards. Root may only have one without the kernel's sandbox."""
    alone = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(
            executable_path=found(), args=[*alone, "--disable-gpu", "--disable-dev-shm-usage"]
        )
        try:
            yield one
        finally:
            one.close()
