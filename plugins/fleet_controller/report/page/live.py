"""The page of a run while it goes on: the same page, drawn from what hosts have said so far."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fleet_controller.planning.compile_command import ONLY_ON
from fleet_controller.report.page.render import PAGE, page
from fleet_controller.results.results import worst
from fleet_controller.runs import live_folder
from fleet_controller.runs.live_folder import PROBLEM, Turn
from fleet_controller.runs.run_folder import RUNNING as GOES_ON
from fleet_controller.runs.verdict_counts import RUNNING, WAITS
from fleet_controller.untrusted.atomic_files import stored, write_bytes_atomic
from fleet_stress.store.verdict import ALL, SKIPPED

#: In these words a page says when hosts were last heard of: always so many characters.
_WRITTEN = "%Y-%m-%d %H:%M:%S UTC"
_NO_EVIDENCE = "What was seen of it is shown when the run is over."
_NOT_ASKED = "it is not asked of this host"


def draw(folder: Path, *, answered: bool = True) -> None:
    """Draw the page of a run that goes on, if it is time to and there is something new to say.

    Args:
        folder: Of the run.
        answered: Whether a host has answered just now: a page with nothing new then still says when that was.

    Raises OSError.
    """
    with live_folder.turn(folder) as turn:
        if turn is None:
            return
        now = time.monotonic()
        if live_folder.is_due(turn, now) and turn.seen != (seen := live_folder.changed(folder)):
            turn.drawn, turn.heard, turn.seen, turn.written = now, now, seen, _now()
            _draw(folder, turn)
            turn.took = time.monotonic() - now
        elif answered and live_folder.is_silent(turn, now):
            before, turn.heard, turn.written = turn.written, now, _now()
            _say_when(folder / PAGE, before, turn.written)


def _draw(folder: Path, turn: Turn) -> None:
    run, compiled = stored(folder / "run.json"), stored(folder / "compiled.json")
    if isinstance(run, dict) and isinstance(compiled, dict) and run.get("state") == GOES_ON:
        told = live_folder.told(folder)
        found = so_far(run, compiled, told)
        live = {"begun": bool(told), "written": turn.written, "every": round(live_folder.pause(turn))}
        data = page(folder, found, live=live)
        write_bytes_atomic(folder / PAGE, data)


def _say_when(path: Path, before: str, now: str) -> None:
    """Hosts answer, and nothing else is new: that costs no drawing."""
    write_bytes_atomic(path, path.read_bytes().replace(before.encode(), now.encode()))


def so_far(
    run: Mapping[str, Any], compiled: Mapping[str, Any], told: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What the page is drawn from, in the shape of ``results.json``: rows without a verdict run or wait.

    Args:
        run: Its ``run.json``.
        compiled: Its ``compiled.json``.
        told: What each host has said, as ``live_folder.told`` has it.
    """
    scenarios = compiled["scenarios"]
    hosts = {name: _host(name, scenarios, told.get(name)) for name in map(str, run["hosts"])}
    counts = Counter(entry["verdict"] for host in hosts.values() for entry in host["scenarios"])
    began = datetime.fromisoformat(run["started"])
    return {
        **{name: run[name] for name in ("run_id", "started", "versions", "bot", "bot_source", "profile")},
        "finished": None,
        "seconds": max(0.0, (datetime.now(UTC) - began).total_seconds()),
        "scenarios": [scenario["id"] for scenario in scenarios],
        "counts": {word: counts[word] for word in (*ALL, RUNNING, WAITS)},
        "verdict": RUNNING,
        "hosts": hosts,
    }


def _host(name: str, scenarios: list[Mapping[str, Any]], rows: Mapping[str, Any] | None) -> dict[str, Any]:
    entries = [_entry(scenario, rows, asked=name in scenario.get(ONLY_ON, [name])) for scenario in scenarios]
    open_rows = [entry["verdict"] for entry in entries if entry["verdict"] in (RUNNING, WAITS)]
    return {
        "verdict": (RUNNING if rows is not None else WAITS)
        if open_rows
        else worst(entry["verdict"] for entry in entries),
        "problem": (rows or {}).get(PROBLEM),
        "engine": "",  # not None: nothing is wrong with it so far
        **dict.fromkeys(("system", "started", "finished", "seconds", "stopped")),
        "leftovers": [],
        "verify": [],
        "scenarios": entries,
    }


def _entry(scenario: Mapping[str, Any], rows: Mapping[str, Any] | None, *, asked: bool) -> dict[str, Any]:
    known = (rows or {}).get(scenario["id"]) or {}
    entry = {
        "verdict": WAITS,
        "reasons": [],
        "seconds": 0.0,
        "scenario": scenario["id"],
        "row": scenario["row"],
        "title": scenario["title"],
        "repeat": "",
        **{word: [] for word in ("notes", "findings", "known_from_baseline")},
    }
    if known.get("verdict") in ALL:
        entry.update({word: known[word] for word in ("verdict", "reasons", "seconds")}, notes=[_NO_EVIDENCE])
    elif "since" in known:
        since = datetime.fromtimestamp(known["since"], UTC)
        entry.update(verdict=RUNNING, reasons=[f"since {since:%H:%M:%S} UTC"])
    elif not asked:
        entry.update(verdict=SKIPPED, reasons=[_NOT_ASKED], not_asked=True)
    return entry


def _now() -> str:
    return datetime.now(UTC).strftime(_WRITTEN)
