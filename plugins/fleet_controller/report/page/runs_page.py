"""The page over all runs, ``results/index.html``: it leads to the page of each, and shows the trend of each row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from markupsafe import Markup

from fleet_controller.messages.text import plain
from fleet_controller.report.page.history import histories
from fleet_controller.report.page.render import PAGE, environment, policy, together
from fleet_controller.report.page.side_by_side import side_by_side
from fleet_controller.report.page.words import NAMES, SYMBOLS, moment
from fleet_controller.runs.run_folder import ABANDONED, FINISHED, RUNNING, has_run, is_watched, known_runs
from fleet_controller.runs.verdict_counts import counted
from fleet_controller.untrusted.atomic_files import write_bytes_atomic
from fleet_stress.store.verdict import ALL

#: Runs that are listed; the folder has the rest.
LISTED = 200
#: While a run goes on, a browser asks for the page again, in seconds.
REFRESH = 30


def write_runs_page(results_dir: Path) -> None:
    """Write it anew from what is stored. Raises OSError."""
    write_bytes_atomic(results_dir / PAGE, runs_page(results_dir))


def runs_page(results_dir: Path) -> bytes:
    """The page. The same results give the same bytes; where a run goes on, it says when that was so."""
    runs, found = list(_runs(results_dir)), histories(results_dir)
    style = together(("page.css", "runs.css"))
    text = (
        environment()
        .get_template("runs.html.j2")
        .render(
            policy=policy(style, ""),
            style=Markup(style),
            names=NAMES,
            symbols=SYMBOLS,
            histories=found,
            besides=side_by_side(found),
            runs=runs,
            refresh=REFRESH if any(run["goes_on"] for run in runs) else 0,
        )
    )
    return text.encode("utf-8", "replace")


def _runs(results_dir: Path) -> Iterable[dict[str, str]]:
    """All runs, the newest first."""
    now = moment(datetime.now(UTC).isoformat())
    for run, _ in zip(known_runs(results_dir), range(LISTED), strict=False):
        folder = results_dir / run["run_id"]
        counts, hosts = run.get("counts"), run.get("hosts")
        goes_on = run.get("state") == RUNNING and is_watched(run)
        ended = run.get("state") == FINISHED and has_run(folder) and isinstance(counts, dict)
        # Whoever draws this page next may be long in coming: what was so is told with its time.
        if goes_on:
            said = f"running on {now}"
        elif run.get("state") in (RUNNING, ABANDONED):
            said = "not finished, and nobody follows it"
        else:
            said = counted(counts) if ended and isinstance(counts, dict) else "no results"
        yield {
            "goes_on": "yes" if goes_on else "",
            "run_id": plain(run["run_id"], 120),
            "there": "yes" if (folder / PAGE).is_file() else "",
            "when": moment(str(run.get("started"))),
            "bot": plain(run.get("bot"), 200),
            "profile": plain(run.get("profile"), 100),
            "hosts": str(len(hosts)) if isinstance(hosts, list) else "",
            "verdict": str(run["verdict"]) if ended and run.get("verdict") in ALL else "",
            "counts": said,
        }
