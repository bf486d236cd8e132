"""Undoes what a dead run left: from its journal alone, in reverse order, repeatable."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.observe import under_way
from fleet_stress.recovery import host_lock, stop_run, undo
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.undo import open_records, undo_open
from fleet_stress.store import bounded_read, deletion, layout
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import RunFolder, run_folders
from fleet_stress.system import process

#: Seconds to wait for another recovery before we go on beside it.
_OTHERS_WITHIN = 120.0
#: Bytes of a log or journal that was not written by us alone.
_HUGE = 8 << 30
#: A supervisor that has written its result ends within this time. Seconds.
_ENDS_WITHIN = 20.0


def undo_run(run: RunFolder, journal: Journal, who: str | None = None, since: int = 0) -> list[str]:
    """Carry out every open undo of a run's journal (of one arena ``who``, or of all).

    ``since``: the byte of the journal at which that arena began. Returns what could not be undone, as sentences;
    empty: all is undone.
    """
    if who is None:
        process.end_arenas(run.mark)
    return undo_open(journal, who, since=since)


def recover(stress_dir: Path, *, look_only: bool = False, force: bool = False) -> dict[str, Any]:
    """Undo what dead runs left on this host, newest first, and held faults whose lease has expired.

    A living run and a held fault within its lease are not touched; ``force`` ends them first. ``look_only`` reports
    and changes nothing. Returns ``changed``, what was ``undone``, what ``failed``, what of old runs is ``damaged`` and
    skipped (sentences), the run that is ``alive``, if any, what it has ``sampled`` so far (``look_only``), and what is
    ``held`` (seconds left, by name).
    """
    report: dict[str, Any] = {"changed": False, "undone": [], "failed": [], "damaged": []}
    report |= {"alive": None, "held": {}}
    if not (stress_dir / layout.MARKER).is_file():
        return report
    if force:
        _end_run(stress_dir, report, look_only)
    with contextlib.ExitStack() as stack:
        if not look_only:
            _alone(stress_dir, stack)
        report["alive"] = alive = host_lock.run_here(stress_dir)
        if alive is not None and look_only:
            report["sampled"] = under_way.curves(RunFolder(stress_dir / "runs" / alive["run_id"]).evidence)
        for run in reversed(run_folders(stress_dir)):
            if (alive is None or alive["run_id"] != run.run_id) and run.journal.exists():
                report["damaged"] += damaged_records(run)
                _undo_dead(run, report, look_only)
                _end_service(run.watchdog, run.watchdog_record, report, look_only)
    _undo_what_is_held(stress_dir, report, look_only, force)
    return report


def damaged_records(run: RunFolder) -> list[str]:
    """What cannot be read of a run that this host remembers, one sentence each; the rest of it is used."""
    found = [sentence for sentence in [undo.damaged(run.journal)] if sentence]
    for path in (run.journal, run.log):
        size = path.stat().st_size if path.is_file() else 0
        if size > _HUGE:
            found.append(
                f"{path}: seems to have {size} bytes, more than any run of ours writes; its holes are skipped"
            )
    try:
        bounded_read.document(run.plan)
    except (Damaged, OSError) as problem:
        found.append(str(problem))
    return found


def _end_service(guard: Path, record: Path, report: dict[str, Any], look_only: bool) -> None:
    """Remove the system's entry for a watchdog that no longer runs; a running one removes it itself."""
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
    """Lock the host; wait for another recovery, but not for a run: dead runs can be undone beside it."""
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
    report["undone"] += [f"run {run.run_id}: {_describe(record)}" for record in open_ones]
    report["undone"] += [f"run {run.run_id}: ended {process.describe(stray)}" for stray in strays]
    if not look_only:
        process.end_all(strays)
        run.ballast.unlink(missing_ok=True)  # makes room on a full disk to record what is undone
        journal = Journal(run.journal, "recover")
        report["failed"] += undo_open(journal)
        journal.close()


def _undo_what_is_held(stress_dir: Path, report: dict[str, Any], look_only: bool, force: bool) -> None:
    """Held faults, which an operator opened by a module of ``library/``."""
    look = records.held if look_only else records.held_now
    report["damaged"] += records.damaged_records(stress_dir)
    for name, left in look(stress_dir).items():
        if left > 0 and not force:
            report["held"][name] = round(left, 1)
            continue
        undone = [f"held by hand: {_describe(record)}" for record in records.records_of(stress_dir, name)]
        report["changed"] = report["changed"] or bool(undone)
        report["undone"] += undone
        if not look_only:
            report["failed"] += records.undo(stress_dir, name, only_if_run_out=not force)
    if not report["held"]:
        guard, record = records.watchdog_guard(stress_dir), records.watchdog_record(stress_dir)
        _end_service(guard, record, report, look_only)


def _describe(record: Mapping[str, Any]) -> str:
    return f"{record['kind']} {' '.join(map(str, record['arguments'].values()))}"


def tidy(stress_dir: Path, keep: int, *, look_only: bool = False) -> dict[str, Any]:
    """Remove all runs but the newest ``keep``, and of those everything but the record.

    The record of a run: plan, journal, result, and each arena's state and log folders. ``look_only`` removes nothing.
    Nor does anything while a run is alive: meanwhile the host is locked, so that none begins on what is being removed.
    Returns ``changed`` and what was ``removed``.
    """
    if look_only:
        return _tidy(stress_dir, keep, host_lock.holder(stress_dir), look_only=True)
    try:
        with host_lock.alone(stress_dir, "removing old records", _patience(stress_dir)):
            return _tidy(stress_dir, keep, None, look_only=False)
    except host_lock.Busy:
        return {"changed": False, "removed": []}


def _patience(stress_dir: Path) -> float:
    """Seconds to wait for who holds the host: a run that has its result is about to end."""
    holder = host_lock.run_here(stress_dir)
    ending = holder is not None and RunFolder(stress_dir / "runs" / str(holder["run_id"])).result.exists()
    return _ENDS_WITHIN if ending else host_lock.MOMENT


def _tidy(stress_dir: Path, keep: int, alive: dict[str, Any] | None, *, look_only: bool) -> dict[str, Any]:
    runs = [
        run
        for run in run_folders(stress_dir)
        if alive is None or alive.get("run_id", run.run_id) != run.run_id
    ]
    split = max(0, len(runs) - keep)
    # What could not be undone is in a run's journal alone. (Who only looks has not undone anything yet.)
    over = [run for run in runs[:split] if look_only or not open_records(run.journal)]
    doomed = [run.path for run in over]
    if not look_only:
        for run in over:  # only this file says what the system keeps of the watchdog
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
