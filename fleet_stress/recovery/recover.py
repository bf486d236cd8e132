"""Undoing what a dead run left: from its journal alone, in reverse order, as often as one likes."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.recovery import host_lock, stop_run
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.undo import open_records, undo_open
from fleet_stress.store import deletion, layout
from fleet_stress.store.layout import RunFolder, run_folders
from fleet_stress.system import process

#: Another process that recovers has so long before we go on beside it, in seconds.
_OTHERS_WITHIN = 120.0


def undo_run(run: RunFolder, journal: Journal, who: str | None = None) -> list[str]:
    """Carry out all that a run's journal leaves open (of one arena ``who``, or of all).

    Returns what could not be undone, as sentences; empty is good.
    """
    if who is None:
        process.end_arenas(run.mark)
    return undo_open(journal, who)


def recover(stress_dir: Path, *, look_only: bool = False, force: bool = False) -> dict[str, Any]:
    """Undo what any dead run left on this host, newest first, and what is held by hand beyond its lease.

    A run that is alive is not touched, nor what is held within its lease; ``force`` ends them first. ``look_only``
    reports and changes nothing. Returns ``changed``, what was ``undone`` (one sentence each), what could not be
    (``failed``), the run that is ``alive`` and what is ``held`` (seconds left, by name), if any.
    """
    report: dict[str, Any] = {"changed": False, "undone": [], "failed": [], "alive": None, "held": {}}
    if not (stress_dir / layout.MARKER).is_file():
        return report
    if force:
        _end_run(stress_dir, report, look_only)
    with contextlib.ExitStack() as stack:
        if not look_only:
            _alone(stress_dir, stack)
        report["alive"] = alive = host_lock.run_here(stress_dir)
        for run in reversed(run_folders(stress_dir)):
            if (alive is None or alive["run_id"] != run.run_id) and run.journal.exists():
                _undo_dead(run, report, look_only)
                _end_service(run.watchdog, run.watchdog_record, report, look_only)
    _undo_what_is_held(stress_dir, report, look_only, force)
    return report


def _end_service(guard: Path, record: Path, report: dict[str, Any], look_only: bool) -> None:
    """Take away what the system keeps of a watchdog that nobody is any more; one that is at work does it itself."""
    if not record.exists() or host_lock.holder_of(guard) is not None:
        return
    report["changed"] = True
    report["undone"].append(f"the watchdog's entry in the system: {record}")
    if not look_only:
        try:
            system.end_service(record)
        except OSError as problem:
            report["failed"].append(str(problem))


def _alone(stress_dir: Path, stack: contextlib.ExitStack) -> None:
    """Take the host, waiting for another recovery but not for a run: beside that, what is dead stays dead."""
    deadline = time.monotonic() + _OTHERS_WITHIN
    while time.monotonic() < deadline:
        try:
            about = {"doing": "undoing what earlier runs left"}
            stack.enter_context(host_lock.HostLock(stress_dir, about))
            return
        except host_lock.Busy as busy:
            if "run_id" in busy.holder:
                return


def _end_run(stress_dir: Path, report: dict[str, Any], look_only: bool) -> None:
    holder = host_lock.run_here(stress_dir)
    if holder is None:
        return
    report["changed"] = True
    report["undone"].append(f"run {holder['run_id']}: ended, process {holder.get('pid', '?')}")
    if not look_only:
        try:
            stop_run.end_run(stress_dir)
        except stop_run.NotEnded as problem:
            report["failed"].append(str(problem))


def _undo_dead(run: RunFolder, report: dict[str, Any], look_only: bool) -> None:
    if not look_only:
        process.end_arenas(run.mark)
    open_ones = open_records(run.journal)
    strays = process.marked(run.mark)
    if not open_ones and not strays:
        return
    report["changed"] = True
    report["undone"] += [f"run {run.run_id}: {_told(one)}" for one in open_ones]
    report["undone"] += [f"run {run.run_id}: ended {process.describe(one)}" for one in strays]
    if not look_only:
        process.end_all(strays)
        run.ballast.unlink(missing_ok=True)  # room to write down on a full disk what is undone
        journal = Journal(run.journal, "recover")
        report["failed"] += undo_open(journal)
        journal.close()


def _undo_what_is_held(stress_dir: Path, report: dict[str, Any], look_only: bool, force: bool) -> None:
    """What a person holds open by a module of ``library/``."""
    look = records.held if look_only else records.held_now
    for name, left in look(stress_dir).items():
        if left > 0 and not force:
            report["held"][name] = round(left, 1)
            continue
        told = [f"held by hand: {_told(one)}" for one in records.standing(stress_dir, name)]
        report["changed"] = report["changed"] or bool(told)
        report["undone"] += told
        if not look_only:
            report["failed"] += records.undo(stress_dir, name, only_if_run_out=not force)
    if not report["held"]:
        guard, record = records.watchdog_guard(stress_dir), records.watchdog_record(stress_dir)
        _end_service(guard, record, report, look_only)


def _told(record: Mapping[str, Any]) -> str:
    return f"{record['kind']} {' '.join(map(str, record['arguments'].values()))}"


def tidy(stress_dir: Path, keep: int, *, look_only: bool = False) -> dict[str, Any]:
    """Remove older runs than the newest ``keep``, and of those kept all but the record.

    The record of a run: plan, journal, result, and each arena's state and log folders. A run that is
    alive is not touched; ``look_only`` removes nothing. Returns ``changed`` and what was ``removed``.
    """
    alive = host_lock.holder(stress_dir)
    runs = [
        one
        for one in run_folders(stress_dir)
        if alive is None or alive.get("run_id", one.run_id) != one.run_id
    ]
    split = max(0, len(runs) - keep)
    doomed = [run.path for run in runs[:split]]
    if not look_only:
        for run in runs[:split]:  # what the system keeps of a watchdog is known from there alone
            system.end_service(run.watchdog_record)
    for run in runs[split:]:
        extra = [run.archive, run.evidence, run.ballast, *_working_folders(run)]
        doomed += [path for path in extra if path.exists()]
    if not look_only:
        for path in doomed:
            deletion.remove_tree(path)
    return {"changed": bool(doomed), "removed": list(map(str, doomed))}


def _working_folders(run: RunFolder) -> list[Path]:
    if not run.arenas.is_dir():
        return []
    return [arena / name for arena in run.arenas.iterdir() for name in layout.WORKING]
