"""Undoing what a dead run left: from its journal alone, in reverse order, as often as one likes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_stress import lock, place, process
from fleet_stress.held_journal import JOURNAL as HELD
from fleet_stress.journal import Journal
from fleet_stress.place import RunFolder, run_folders
from fleet_stress.undo import open_records, undo_open


def undo_run(run: RunFolder, journal: Journal, who: str | None = None) -> list[str]:
    """Carry out all that a run's journal leaves open (of one arena ``who``, or of all).

    Returns what could not be undone, as sentences; empty is good.
    """
    if who is None:
        process.end_arenas(run.run_id)
    return undo_open(journal, who)


def recover(stress_dir: Path, *, look_only: bool = False) -> dict[str, Any]:
    """Undo what any dead run left on this host; a run that is alive is not touched.

    ``look_only`` reports and changes nothing. Returns ``changed``, what was ``undone`` (one sentence
    each), what could not be (``failed``) and the run that is ``alive``, if any.
    """
    alive = lock.holder(stress_dir)
    report: dict[str, Any] = {"changed": False, "undone": [], "failed": [], "alive": alive}
    for run in reversed(run_folders(stress_dir)):
        if alive is not None and alive.get("run_id", run.run_id) == run.run_id:
            continue  # also while the holder has not yet said who it is
        if not run.journal.exists():
            continue
        if not look_only:
            process.end_arenas(run.run_id)
        open_ones = open_records(run.journal)
        strays = process.marked(run.run_id)
        if not open_ones and not strays:
            continue
        report["changed"] = True
        report["undone"] += [
            f"run {run.run_id}: {one['kind']} {' '.join(map(str, one['arguments'].values()))}"
            for one in open_ones
        ]
        report["undone"] += [f"run {run.run_id}: ended {process.describe(one)}" for one in strays]
        if look_only:
            continue
        process.end_all(strays)
        journal = Journal(run.journal, "recover")
        report["failed"] += undo_open(journal)
        journal.close()
    _undo_what_is_held(stress_dir / HELD, report, look_only)
    return report


def _undo_what_is_held(path: Path, report: dict[str, Any], look_only: bool) -> None:
    """What a person holds open by a module of ``library/``."""
    open_ones = open_records(path) if path.exists() else []
    if not open_ones:
        return
    report["changed"] = True
    told = [f"{one['kind']} {' '.join(map(str, one['arguments'].values()))}" for one in open_ones]
    report["undone"] += [f"held by hand: {one}" for one in told]
    if not look_only:
        journal = Journal(path, "recover")
        report["failed"] += undo_open(journal)
        journal.close()


def tidy(stress_dir: Path, keep: int, *, look_only: bool = False) -> dict[str, Any]:
    """Remove older runs than the newest ``keep``, and of those kept all but the record.

    The record of a run: plan, journal, result, and each arena's state and log folders. A run that is
    alive is not touched; ``look_only`` removes nothing. Returns ``changed`` and what was ``removed``.
    """
    alive = lock.holder(stress_dir)
    runs = [
        one
        for one in run_folders(stress_dir)
        if alive is None or alive.get("run_id", one.run_id) != one.run_id
    ]
    split = max(0, len(runs) - keep)
    doomed = [run.path for run in runs[:split]]
    for run in runs[split:]:
        extra = [run.archive, run.evidence, *_working_folders(run)]
        doomed += [path for path in extra if path.exists()]
    if not look_only:
        for path in doomed:
            place.remove_tree(path)
    return {"changed": bool(doomed), "removed": list(map(str, doomed))}


def _working_folders(run: RunFolder) -> list[Path]:
    if not run.arenas.is_dir():
        return []
    return [arena / name for arena in run.arenas.iterdir() for name in place.WORKING]
