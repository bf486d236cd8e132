"""A plan arrives on a host: take it, attach to the run that it already started, or say who is in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import __version__, lock, process
from fleet_stress.journal import entries
from fleet_stress.place import MARKER, RunFolder, run_folders, write_atomic
from fleet_stress.recover import recover

#: A supervisor that was started writes its first line within this time, in seconds: a deadline.
_BEGINS_WITHIN = 60.0


class Refused(Exception):
    """The plan cannot be taken; the message says why and what to do."""


def hand_over(plan: dict[str, Any]) -> dict[str, Any]:
    """Take a plan: returns ``run_dir``, ``run_id``, ``attached`` and ``started``.

    The same plan again attaches: to the living run, to a finished one that nobody has fetched yet, or to
    one with the same run id, which is resumed where a death cut it off. Raises Refused.
    """
    stress_dir = Path(plan["stress_dir"])
    _check(plan, stress_dir)
    holder = lock.holder(stress_dir)
    if holder is not None:
        if holder.get("plan_hash") != plan["plan_hash"]:
            raise Refused(
                f"{stress_dir}: {lock.Busy(holder)} with another plan; wait for it, or end it: kill"
                f" {holder.get('pid', '?')}"
            )
        return _answer(stress_dir / "runs" / holder["run_id"], attached=True, started=False)
    recover(stress_dir)
    known = _same_run(stress_dir, plan)
    if known is not None and known.result.exists():
        return _answer(known.path, attached=True, started=False)
    run = known or RunFolder(stress_dir / "runs" / plan["run_id"])
    if known is None:
        _prepare(run, plan)
    _start_supervisor(run)
    return _answer(run.path, attached=known is not None, started=True)


def _answer(run_dir: Path, *, attached: bool, started: bool) -> dict[str, Any]:
    return {
        "run_dir": str(run_dir),
        "run_id": run_dir.name,
        "attached": attached,
        "started": started,
    }


def _check(plan: dict[str, Any], stress_dir: Path) -> None:
    if plan["format"] != 1 or plan["engine_version"] != __version__:
        raise Refused(
            f"the plan was made for engine {plan['engine_version']}, this host has {__version__}:"
            " run the provision stage again"
        )
    if not (stress_dir / MARKER).is_file():
        raise Refused(f"{stress_dir}: carries no {MARKER}, so it is not ours: run the provision stage")
    try:
        process.user_named(plan["bot"]["user"])
    except (KeyError, PermissionError) as problem:
        raise Refused(f"user {plan['bot']['user']!r} for the bots: {problem}") from problem


def _same_run(stress_dir: Path, plan: dict[str, Any]) -> RunFolder | None:
    """The run with this plan's id, or an unfetched one with the very same plan."""
    for run in reversed(run_folders(stress_dir)):
        if not run.plan.exists():
            continue
        if run.run_id == plan["run_id"]:
            return run
        known = json.loads(run.plan.read_text(encoding="utf-8"))
        if known["plan_hash"] == plan["plan_hash"] and not run.collected.exists():
            return run
    return None


def _prepare(run: RunFolder, plan: dict[str, Any]) -> None:
    run.path.mkdir(mode=0o750, parents=True)
    if os.geteuid() == 0:
        gid = process.user_named(plan["bot"]["user"]).gid
        os.chown(run.path, 0, gid)
        run.path.parent.chmod(0o711)
    for folder, mode in ((run.arenas, 0o711), (run.evidence, 0o700)):
        folder.mkdir(mode=mode)
    write_atomic(run.plan, plan, mode=0o640)


def _start_supervisor(run: RunFolder) -> None:
    """Start it in its own session, nobody's child, and wait until it has begun."""
    seen = len(entries(run.journal, "run_started"))
    pid = _start_detached([sys.executable, "-m", "fleet_stress", "supervise", str(run.path)], run.log)
    deadline = time.monotonic() + _BEGINS_WITHIN
    while len(entries(run.journal, "run_started")) == seen:
        if not psutil.pid_exists(pid) or time.monotonic() > deadline:
            tail = run.log.read_text(encoding="utf-8", errors="replace")[-600:]
            raise Refused(f"the supervisor did not begin; {run.log} says: {tail}")
        time.sleep(0.02)


def _start_detached(argv: list[str], log: Path) -> int:
    """Start a process that outlives us in a session of its own, and return its pid.

    A child between us and it ends at once, so that it is nobody's zombie while we wait.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
            started = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=target,
                cwd="/",
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"},
                start_new_session=True,
            )
            os.write(writing, str(started.pid).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as stream:
        return int(stream.read() or "0")
