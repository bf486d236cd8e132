"""What is on a host and should not be there when no run is alive. Changes nothing; for verifying a host."""

from __future__ import annotations

from pathlib import Path

import psutil

from fleet_stress import system
from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.stray_writes import temporary
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.undo import damaged, open_records
from fleet_stress.store import bounded_read
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import WORKING, RunFolder, mark_of, run_folders
from fleet_stress.system import process, ram_volume


def leftovers(stress_dir: Path, user: str) -> dict[str, list[str]]:
    """Sentences by kind: ``processes``, ``mounts``, ``locks``, ``undo``, ``files`` and ``state``.

    All lists are empty on a clean host. ``state`` lists state files of passed scenarios of the newest run that are
    not valid or do not belong to the bots' user. Raises KeyError where there is no such user.
    """
    account = process.user_named(user)
    holder = host_lock.holder(stress_dir)
    runs = run_folders(stress_dir)
    return {
        "processes": [str(process.describe(stray)) for stray in _processes(account, runs)],
        "mounts": _mounts(stress_dir),
        "locks": [f"{host_lock.Busy(holder)}"] if holder else [],
        "undo": [*(sentence for run in runs for sentence in _of_journal(run)), *_held_too_long(stress_dir)],
        "files": [*_working_files(runs), *_shared_files(account)],
        "state": _state(runs[-1], account) if runs else [],
    }


def _of_journal(run: RunFolder) -> list[str]:
    """What is still to be undone, and what nobody can undo because its record is damaged."""
    found = [
        f"run {run.run_id}: {record['kind']} {record['arguments']}" for record in open_records(run.journal)
    ]
    return [*found, *(sentence for sentence in [damaged(run.journal)] if sentence)]


def _held_too_long(stress_dir: Path) -> list[str]:
    """Held faults whose lease has expired, and which nobody could undo."""
    return [
        f"held by hand: {record['kind']} {record['arguments']}"
        for name, left in records.held(stress_dir).items()
        if left <= 0
        for record in records.records_of(stress_dir, name)
    ]


def _processes(account: process.User, runs: list[RunFolder]) -> list[psutil.Process]:
    """All with the mark of a run; and all of the bots' user, where that is a user of its own."""
    mine = psutil.Process()
    found = {candidate.pid: candidate for run in runs for candidate in process.marked(run.mark)}
    if account.uid != mine.uids().real:
        for candidate in psutil.process_iter():
            try:
                alive = candidate.uids().real == account.uid and process.alive(candidate)
                if alive and system.in_our_pid_namespace(candidate.pid):  # a container's users are not ours
                    found[candidate.pid] = candidate
            except psutil.Error:
                continue
    return [candidate for candidate in found.values() if candidate.pid != mine.pid]


def _mounts(stress_dir: Path) -> list[str]:
    """All below our folder, and those of our runs wherever they are by now."""
    below, of_runs = f"{stress_dir.resolve()}/", f"{mark_of('', stress_dir)}/"
    return [
        partition.mountpoint
        for partition in psutil.disk_partitions(all=True)
        if partition.mountpoint.startswith(below)
        or (partition.device.startswith(ram_volume.SOURCE) and of_runs in partition.device)
    ]


def _working_files(runs: list[RunFolder]) -> list[str]:
    arenas = [arena for run in runs if run.arenas.is_dir() for arena in run.arenas.iterdir()]
    return [str(arena / name) for arena in arenas for name in WORKING if (arena / name).exists()]


def _shared_files(account: process.User) -> list[str]:
    """Those of the bots' user, where it is a user of its own."""
    if account.uid == psutil.Process().uids().real:
        return []
    return [
        str(path)
        for folder in temporary(account.uid)
        for path, status in bot_files.regular_files(folder)
        if status.st_uid == account.uid
    ]


def _state(run: RunFolder, account: process.User) -> list[str]:
    try:
        plan = bounded_read.document(run.plan)
        result = bounded_read.document(run.result)
    except (OSError, Damaged):
        return [f"run {run.run_id}: has no result that can be read"]
    found = []
    for entry in result["scenarios"]:
        if entry["verdict"] != "passed":
            continue
        arena = run.arenas / entry["scenario"]
        places = {f"{name}_dir": str(arena / name) for name in ("state", "log", *WORKING)}
        for tracked in bot_files.tracked(plan["bot"], places, arena):
            if tracked.path.parent == arena / "state":
                found += _wrong(tracked, account, bool(plan["bot"]["state"][tracked.role].get("required")))
    return found


def _wrong(tracked: bot_files.Tracked, account: process.User, required: bool) -> list[str]:
    data = file_content.read(tracked)
    if data is None:
        return [f"{tracked.path}: is not there"] if required else []
    wrong = []
    if tracked.format != "text" and bot_files.json_verdict(data) != "valid":
        wrong.append(f"{tracked.path}: is not valid {file_content.KINDS[tracked.format]}")
    if tracked.path.lstat().st_uid != account.uid:
        wrong.append(f"{tracked.path}: does not belong to {account.name}")
    return wrong
