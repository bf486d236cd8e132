"""What is on a host and should not be there when no run is alive. Changes nothing; for verifying a host."""

from __future__ import annotations

import collections
import contextlib
import os
from collections.abc import Iterator
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
from fleet_stress.system import bots_user, jobs, process, ram_volume

#: So many entries of each shared folder are looked at, the uppermost first: a host may have millions.
_ENTRIES = 100_000
#: So many of one kind are told.
_MOST_TOLD = 200


def leftovers(stress_dir: Path, user: str) -> dict[str, list[str]]:
    """Sentences by kind: ``processes``, ``mounts``, ``locks``, ``undo``, ``files``, ``ipc``, ``jobs`` and ``state``.

    All lists are empty on a clean host. ``ipc`` are shared memory, semaphores and message queues, ``jobs`` what cron or
    at will run. ``state`` lists state files of passed scenarios of the newest run that are not valid or do not belong
    to the bots' user. Raises KeyError where there is no such user.
    """
    account = process.user_named(user)
    # Of a login that bots run as, what it has besides says nothing.
    apart = account.uid != psutil.Process().uids().real
    holder = host_lock.holder(stress_dir)
    runs = run_folders(stress_dir)
    found = {
        "processes": [*_processes(account, runs, apart)],
        "mounts": _mounts(stress_dir),
        "locks": [f"{host_lock.Busy(holder)}"] if holder else [],
        "undo": [*(sentence for run in runs for sentence in _of_journal(run)), *_held_too_long(stress_dir)],
        "files": [*_working_files(runs), *(_shared_files(account) if apart else ())],
        "ipc": system.ipc_objects(account.uid) if apart else [],
        "jobs": list(map(str, jobs.scheduled(account))) if apart else [],
        "state": _state(runs[-1], account) if runs else [],
    }
    return {kind: _not_too_many(sentences) for kind, sentences in found.items()}


def _not_too_many(sentences: list[str]) -> list[str]:
    """A bot may leave more than a host can say in one answer: then it would be taken for lost."""
    more = len(sentences) - _MOST_TOLD
    return sentences if more <= 0 else [*sentences[:_MOST_TOLD], f"and {more} more"]


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


def _processes(account: process.User, runs: list[RunFolder], apart: bool) -> Iterator[str]:
    """All with the mark of a run; and all of the bots' user, where that is a user of its own."""
    mine = psutil.Process()
    found = {candidate.pid: candidate for run in runs for candidate in process.marked(run.mark)}
    if apart:
        found |= {candidate.pid: candidate for candidate in bots_user.living(account)}
    yield from (str(process.describe(candidate)) for candidate in found.values() if candidate.pid != mine.pid)
    if apart and bots_user.never_stays(account):
        yield (
            f"one of user {account.name} that is in no list, as it ends and starts itself anew all the time;"
            " end it with: ansible-playbook playbooks/recover.yml"
        )


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
    """Whatever belongs to the bots' user in folders that everybody may write to: files, folders, pipes, links."""
    own = set(system.user_temporary_folders(account.uid))  # whose folders the system has made for the user
    return [
        path
        for folder in temporary(account.uid)
        for path in _owned(folder, account.uid, folders=folder not in own)
    ]


def _owned(top: Path, uid: int, *, folders: bool) -> Iterator[str]:
    """What belongs to a user below a folder; ``folders``: also those, whose contents are then not looked at."""
    looked_at, todo = 0, collections.deque([str(top)])
    while todo and looked_at < _ENTRIES:
        try:
            entries = list(os.scandir(todo.popleft()))
        except OSError:  # gone, or a name that is too long
            continue
        for entry in entries:
            looked_at += 1
            with contextlib.suppress(OSError):
                is_folder = entry.is_dir(follow_symlinks=False)
                if entry.stat(follow_symlinks=False).st_uid == uid and (folders or not is_folder):
                    yield entry.path
                elif is_folder:
                    todo.append(entry.path)


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
        arena = run.arena(entry["scenario"])
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
    if not tracked.opaque and bot_files.json_verdict(data) != "valid":
        wrong.append(f"{tracked.path}: is not valid {file_content.KINDS[tracked.format]}")
    if tracked.path.lstat().st_uid != account.uid:
        wrong.append(f"{tracked.path}: does not belong to {account.name}")
    return wrong
