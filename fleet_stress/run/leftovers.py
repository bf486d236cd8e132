"""What is on a host of ours that should not be there when no run is alive. Looks only; for verifying a host."""

from __future__ import annotations

import json
from pathlib import Path

import psutil

from fleet_stress import system
from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.stray_writes import temporary
from fleet_stress.recovery import host_lock
from fleet_stress.recovery.undo import open_records
from fleet_stress.store.layout import WORKING, RunFolder, run_folders
from fleet_stress.system import process


def leftovers(stress_dir: Path, user: str) -> dict[str, list[str]]:
    """Sentences by kind: ``processes``, ``mounts``, ``locks``, ``undo``, ``files`` and ``state``.

    All lists are empty on a host that is as it should be. ``state`` tells of state files of passed scenarios
    of the newest run that are not valid or do not belong to the bots' user. Raises KeyError without the user.
    """
    account = process.user_named(user)
    holder = host_lock.holder(stress_dir)
    runs = run_folders(stress_dir)
    return {
        "processes": [str(process.describe(one)) for one in _processes(account, runs)],
        "mounts": _mounts(stress_dir),
        "locks": [f"{host_lock.Busy(holder)}"] if holder else [],
        "undo": [
            f"run {run.run_id}: {one['kind']} {one['arguments']}"
            for run in runs
            for one in open_records(run.journal)
        ],
        "files": [*_working_files(runs), *_shared_files(account)],
        "state": _state(runs[-1], account) if runs else [],
    }


def _processes(account: process.User, runs: list[RunFolder]) -> list[psutil.Process]:
    """All with the mark of one of the runs; and all of the bots' user, where that is a user of its own."""
    mine = psutil.Process()
    found = {one.pid: one for run in runs for one in process.marked(run.mark)}
    if account.uid != mine.uids().real:
        for one in psutil.process_iter():
            try:
                alive = one.uids().real == account.uid and process.alive(one)
                if alive and system.in_our_pid_namespace(one.pid):  # a container's users are not ours
                    found[one.pid] = one
            except psutil.Error:
                continue
    return [one for one in found.values() if one.pid != mine.pid]


def _mounts(stress_dir: Path) -> list[str]:
    below = f"{stress_dir.resolve()}/"
    return [one.mountpoint for one in psutil.disk_partitions(all=True) if one.mountpoint.startswith(below)]


def _working_files(runs: list[RunFolder]) -> list[str]:
    arenas = [arena for run in runs if run.arenas.is_dir() for arena in run.arenas.iterdir()]
    return [str(arena / name) for arena in arenas for name in WORKING if (arena / name).exists()]


def _shared_files(account: process.User) -> list[str]:
    """Of the bots' user, where it is a user of its own."""
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
        plan = json.loads(run.plan.read_text(encoding="utf-8"))
        result = json.loads(run.result.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"run {run.run_id}: has no result that can be read"]
    found = []
    for entry in result["scenarios"]:
        if entry["verdict"] != "passed":
            continue
        arena = run.arenas / entry["scenario"]
        places = {f"{name}_dir": str(arena / name) for name in ("state", "log", *WORKING)}
        for one in bot_files.tracked(plan["bot"], places, arena):
            if one.path.parent == arena / "state":
                found += _wrong(one, account, bool(plan["bot"]["state"][one.role].get("required")))
    return found


def _wrong(one: bot_files.Tracked, account: process.User, required: bool) -> list[str]:
    data = file_content.read(one)
    if data is None:
        return [f"{one.path}: is not there"] if required else []
    wrong = []
    if one.format != "text" and bot_files.json_verdict(data) != "valid":
        wrong.append(f"{one.path}: is not valid {file_content.KINDS[one.format]}")
    if one.path.lstat().st_uid != account.uid:
        wrong.append(f"{one.path}: does not belong to {account.name}")
    return wrong
