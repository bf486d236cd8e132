"""What became of each row over the last runs of the same bot and profile, and which rows come and go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.catalogue.selectors import row_key
from fleet_controller.messages.text import plain
from fleet_controller.report.page.words import moment
from fleet_controller.results.row_verdicts import Rows, row_verdicts
from fleet_controller.runs.run_folder import FINISHED, known_runs
from fleet_stress.store.verdict import ALL, FAILED, PASSED

#: Bots with a profile that are told of, and runs of each, the newest.
BOTS, RUNS = 8, 10


class Row(NamedTuple):
    """One row over the runs."""

    row: str
    scenario: str
    title: str
    #: The gravest verdict of all hosts in each run, the oldest first; None: it was not run.
    verdicts: list[str | None]
    #: Whether it passed and failed in turn on one host: a repair alone changes a verdict once.
    flaky: bool


class History(NamedTuple):
    """The last runs of a bot with a profile."""

    bot: str
    profile: str
    #: The oldest first: ``run_id``, ``when``, ``verdict``.
    runs: list[dict[str, str]]
    rows: list[Row]


def histories(results_dir: Path) -> list[History]:
    """Of each bot and profile, that with the newest run first. What cannot be read is left out."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for run in known_runs(results_dir):
        key = str(run.get("bot")), str(run.get("profile"))
        if run.get("state") != FINISHED or len(groups.get(key, ())) >= RUNS:
            continue
        if key not in groups and len(groups) >= BOTS:
            continue
        if found := row_verdicts(results_dir / run["run_id"]):
            groups.setdefault(key, []).append({**run, "found": found})
    return [_history(key, some[::-1]) for key, some in groups.items()]


def _history(key: tuple[str, str], runs: list[Mapping[str, Any]]) -> History:
    rows: dict[str, tuple[str, str]] = {}
    for run in reversed(runs):
        for name, entry in run["found"].items():
            rows.setdefault(name, (entry["row"], entry["title"]))
    return History(
        bot=plain(key[0], 200),
        profile=plain(key[1], 100),
        runs=[
            {
                "run_id": plain(run["run_id"], 120),
                "when": moment(str(run.get("started"))),
                "verdict": run["verdict"] if run.get("verdict") in ALL else "error",
            }
            for run in runs
        ],
        rows=[
            Row(
                plain(row, 20),
                plain(name, 80),
                plain(title, 200),
                [_worst(run["found"], name) for run in runs],
                _flaky([run["found"][name]["hosts"] for run in runs if name in run["found"]]),
            )
            for name, (row, title) in sorted(rows.items(), key=lambda item: row_key(item[1][0]))
        ],
    )


def _worst(found: Rows, name: str) -> str | None:
    verdicts = found[name]["hosts"].values() if name in found else ()
    return min(verdicts, key=ALL.index, default=None)


def _flaky(runs: list[dict[str, str]]) -> bool:
    return any(_turns([run.get(host) for run in runs]) > 1 for host in {host for run in runs for host in run})


def _turns(verdicts: list[str | None]) -> int:
    proved: Iterator[str] = (word for word in verdicts if word in (PASSED, FAILED))
    return sum(before != after for before, after in pairwise(proved))
