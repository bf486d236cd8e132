"""Pictures of a run's page, in light and dark, wide and narrow, and those that the documents show.

python -m tools.page_pictures results/latest pictures
python -m tools.page_pictures made-up docs/images
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from fleet_controller.report.page import PAGE, page
from fleet_controller.report.page.live import so_far
from fleet_controller.untrusted.atomic_files import write_atomic
from playwright.sync_api import Browser, Page

from tests.page.browser import browser
from tests.page.fleet import ROOT, Fleet

Colours = Literal["light", "dark"]
#: Each page is taken in both.
BOTH: tuple[Colours, ...] = ("light", "dark")
SIZES = {"wide": (1400, 900), "narrow": (400, 800)}


def main(folder: Path, target: Path) -> None:
    """Take them all of the page of a run."""
    target.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for size in SIZES:
            for colours in BOTH:
                for name, shown in shots(chromium, folder / PAGE, size, colours):
                    path = target / f"{name}-{size}-{colours}.png"
                    shown.screenshot(path=path, full_page=name == "page")
                    print(path)


def shots(chromium: Browser, path: Path, size: str, colours: Colours) -> Iterator[tuple[str, Page]]:
    """The page as it is to be seen, by the picture's name: whole, its matrix, a failed cell, a plot of memory."""
    shown = _opened(chromium, path, *SIZES[size], colours)
    yield "page", shown
    _to(shown, "#matrix")
    yield "matrix", shown
    failed, memory = shown.locator("td.failed button"), shown.get_by_role("button", name="memory on")
    for name, cell in {"failed": failed, "memory": memory}.items():
        if cell.count():
            cell.first.click()
            yield name, shown
            if shown.locator("#panel .plots").count():
                _to(shown, "#panel .plots", "center")
                yield f"{name}-plots", shown
            shown.keyboard.press("Escape")
    shown.close()


def pictures(target: Path) -> None:
    """Of a run of fifty hosts that was made up for it: its matrix, one failed cell, a plot of memory."""
    with tempfile.TemporaryDirectory() as place, browser() as chromium:
        folder = Path(place)
        fleet = Fleet(folder, hosts=50, verdict_of=_made_up).lose("mac11").lose("web36")
        write_atomic(
            folder / "compiled.json", {"written": {row["scenario"]: _written(row) for row in fleet.rows}}
        )
        (folder / PAGE).write_bytes(page(folder, fleet.results))
        shown = _opened(chromium, folder / PAGE, 1560, 1000, "light")
        _to(shown, "#matrix")
        target.mkdir(parents=True, exist_ok=True)
        shown.screenshot(path=target / "page-matrix.png")
        shown.locator("td.failed button").first.click()
        shown.screenshot(path=target / "page.png")
        shown.keyboard.press("Escape")
        shown.get_by_role("button", name="memory on").first.click()
        _to(shown, "#panel .plots", "center")
        shown.screenshot(path=target / "page-memory.png")
        (folder / PAGE).write_bytes(_live(folder, fleet))
        shown = _opened(chromium, folder / PAGE, 1560, 820, "light")
        shown.screenshot(path=target / "page-live.png")


def _written(row: Mapping[str, Any]) -> dict[str, str]:
    """What the catalogue says of a row."""
    text = (ROOT / "scenarios" / f"{row['scenario']}.yml").read_text(encoding="utf-8")
    return {"about": str(yaml.safe_load(text).get("about", "")), "yaml": text}


def _live(folder: Path, fleet: Fleet) -> bytes:
    """The page of the same run, some minutes before its end, on six of its hosts."""
    now = datetime.now(UTC)
    hosts = list(fleet.results["hosts"])[:6]
    run = {**fleet.results, "hosts": hosts, "started": (now - timedelta(seconds=75)).isoformat()}
    asked = [{**row, "id": row["scenario"]} for row in fleet.rows]
    told = {
        name: _told(fleet.results["hosts"][name], 30 - 4 * number) for number, name in enumerate(hosts[:-1])
    }
    live = {"begun": True, "written": f"{now:%Y-%m-%d %H:%M:%S} UTC", "every": 5}
    return page(folder, so_far(run, {"scenarios": asked}, told), live=live)


def _told(host: Mapping[str, Any], done: int) -> dict[str, Any]:
    """So many rows of a host have their verdict, and three of the others run."""
    rows = {one["scenario"]: one for one in host["scenarios"][:done]}
    running = {one["scenario"]: {"since": 1_764_000_000} for one in host["scenarios"][done : done + 3]}
    return {**rows, **running}


def _made_up(number: int, scenario: str) -> str:
    if number % 3 == 2 and scenario.startswith(("network", "disk_full_from", "disk_full_with", "log_volume")):
        return "skipped"
    if number % 7 == 4 and scenario in ("corrupt_ledger", "empty_state", "kill_in_write", "numpy_first_use"):
        return "failed"
    if number in (8, 30) and scenario in ("memory", "sigterm", "sigterm_asleep"):
        return "failed"
    return "not_exercised" if (number * 31 + len(scenario) * 7) % 83 == 5 else "passed"


def _opened(chromium: Browser, path: Path, width: int, height: int, colours: Colours) -> Page:
    shown = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=colours)
    shown.goto(path.resolve().as_uri())
    return shown


def _to(shown: Page, selector: str, block: str = "start") -> None:
    """Bring it into sight as a person would, at the top or in the middle."""
    shown.evaluate("([one, block]) => document.querySelector(one).scrollIntoView({block})", [selector, block])


if __name__ == "__main__":
    if sys.argv[1] == "made-up":
        pictures(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), Path(sys.argv[2]))
