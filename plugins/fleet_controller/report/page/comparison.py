"""Two versions of a bot beside each other: ``compare.html`` in the new run's folder, drawn from ``compare.json``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from fleet_controller.messages.text import first_of, in_one_line, number_of, plain
from fleet_controller.report.page.render import PAGE, environment, policy, together
from fleet_controller.report.page.words import NAMES, SYMBOLS
from fleet_controller.results.compare import BETTER, CHANGES, SAID, STAYED, WORSE, source_of
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED, PASSED

COMPARISON_PAGE = "compare.html"
#: What a row became on hosts alike is one line; so many lines of a change are drawn, and so many hosts of one linked.
LINES, HOSTS = 400, 8
_REASON = 400
_TITLES = {
    "worse": "Got worse",
    "not_compared": "Not compared: one of them proved nothing",
    "better": "Got better",
    "stayed": "Stayed as it was",
}


def comparison_page(comparison: Mapping[str, Any], old_folder: str | None) -> bytes:
    """The page. The same comparison gives the same bytes.

    Args:
        comparison: As ``compare`` made it.
        old_folder: Where the old run lies, as seen from the new one's folder (``../ID``); None: somewhere else.
    """
    counts = comparison["counts"]
    told = [f"{counts[change]} {SAID[change]}" for change in CHANGES if counts[change]]
    hosts = number_of(len({row["host"] for row in comparison["rows"]}), "host")
    style = together(("page.css", "runs.css"))
    text = (
        environment()
        .get_template("compare.html.j2")
        .render(
            policy=policy(style, ""),
            style=Markup(style),
            names=NAMES,
            symbols=SYMBOLS,
            bot=plain(comparison["bot"], 200),
            profile=plain(comparison["profile"], 100),
            headline=f"{', '.join(told) or 'nothing was compared'} on {hosts}",
            verdict=FAILED
            if counts[WORSE]
            else PASSED
            if counts[BETTER] or counts[STAYED]
            else NOT_EXERCISED,
            sides=[
                {
                    "name": which,
                    "source": plain(source_of(comparison[which]), 400),
                    "run_id": plain(comparison[which]["run_id"], 120),
                    "page": f"{folder}/{PAGE}" if folder else None,
                }
                for which, folder in (("old", old_folder), ("new", "."))
            ],
            groups=[group for change in CHANGES for group in _groups(comparison["rows"], change)],
        )
    )
    return text.encode("utf-8", "replace")


def beside(new_folder: Path, old_folder: Path) -> str | None:
    """The old run's folder as a page in the new one's names it; None where they have not the same parent."""
    there = old_folder.resolve()
    return f"../{there.name}" if there.parent == new_folder.resolve().parent else None


def _groups(rows: list[Mapping[str, Any]], change: str) -> Iterator[dict[str, Any]]:
    """The rows of one change, the same thing on several hosts once."""
    found: dict[tuple[Any, ...], list[str]] = {}
    for row in rows:
        if row["change"] == change:
            sides = tuple(_side(row[which]) for which in ("old", "new"))
            found.setdefault((row["row"], row["scenario"], row["title"], sides), []).append(row["host"])
    if found:
        lines = [
            {
                "row": plain(row, 20),
                "scenario": plain(scenario, 80),
                "title": plain(title, 200),
                "sides": [{"verdict": verdict, "reason": reason} for verdict, reason in sides],
                "hosts": first_of([plain(host, 200) for host in hosts], HOSTS),
                "host": plain(hosts[0], 200),
            }
            for (row, scenario, title, sides), hosts in found.items()
        ]
        yield {"title": _TITLES[change], "lines": lines[:LINES], "more": len(lines[LINES:])}


def _side(side: Mapping[str, Any] | None) -> tuple[str | None, str]:
    """Verdict and first reason; None: the host was not in that run."""
    if side is None:
        return None, "this host is not in this run"
    reasons = side["reasons"] if side["verdict"] != PASSED else []
    return side["verdict"], in_one_line(plain(reasons[0], _REASON), _REASON) if reasons else ""
