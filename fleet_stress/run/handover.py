"""A plan arrives on a host: take it, attach to the run that it already started, or say what prevents it."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import __version__
from fleet_stress.recovery import halt, host_lock
from fleet_stress.recovery.journal import entries
from fleet_stress.recovery.recover import recover
from fleet_stress.scenario import scenario_command
from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.bare_python import closed_path
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import MARKER, RunFolder, run_folders
from fleet_stress.system import daemon, own_python, process

#: A supervisor writes its first line within this time, also on a host with fifty bots on two processors. Seconds.
_BEGINS_WITHIN = 300.0
#: How long a recovery on the host is waited for. Seconds.
_OTHERS_WITHIN = 180.0
_HANGS = ", and does not end: look at that process (ps), end it if it hangs, then run again"


class Refused(Exception):
    """The plan cannot be taken; the message says why and what to do."""


class Occupied(Refused):
    """The plan cannot be taken yet: somebody else uses the host for a while."""


def hand_over(plan: dict[str, Any]) -> dict[str, Any]:
    """Take a plan: returns ``run_dir``, ``run_id``, ``attached``, ``started``, and what was ``damaged`` (sentences).

    The same plan again attaches: to the living run, to a finished one that has not been fetched yet, or to
    one with the same run id, which is resumed where it was killed. One that is to be ``fresh`` attaches to the run of
    its own id alone. Raises Refused.
    """
    stress_dir = Path(plan["stress_dir"])
    _check(plan, stress_dir)
    try:
        with host_lock.move(stress_dir, "handing a plan over", _OTHERS_WITHIN):
            _check(plan, stress_dir)  # whom we waited for may have taken it all away
            return _take(plan, stress_dir)
    except host_lock.Busy as busy:
        raise Refused(f"{stress_dir}: {busy}{_HANGS}") from busy


def _take(plan: dict[str, Any], stress_dir: Path) -> dict[str, Any]:
    holder = _run_here(stress_dir)
    if holder is not None:
        if not _is_same(holder, plan):
            raise Occupied(f"host is busy: {_about(holder)}. {_wait_or_end(stress_dir, plan)}")
        return _answer(stress_dir / "runs" / holder["run_id"], attached=True, started=False)
    found = recover(stress_dir)
    if found["held"]:
        held = ", ".join(f"{name} ({left:.0f} s left)" for name, left in found["held"].items())
        raise Occupied(f"host is busy: a fault is held on it: {held}. {_wait_or_end(stress_dir, plan)}")
    known = _same_run(stress_dir, plan)
    if known is not None and known.result.exists():
        return {**_answer(known.path, attached=True, started=False), "damaged": found["damaged"]}
    run = known or RunFolder(stress_dir / "runs" / plan["run_id"])
    if known is None:
        _prepare(run, plan)
    _start_supervisor(run)
    return {**_answer(run.path, attached=known is not None, started=True), "damaged": found["damaged"]}


def _is_same(known: dict[str, Any], plan: dict[str, Any]) -> bool:
    same = known.get("plan_hash") == plan["plan_hash"] and not plan.get("fresh")
    return same or known.get("run_id") == plan["run_id"]


def _about(holder: dict[str, Any]) -> str:
    """The run that uses the host, as it wrote of itself; one of an older engine wrote less."""
    bot = f" of bot {holder['bot']}" if holder.get("bot") else ""
    profile = f", profile {holder['profile']}" if holder.get("profile") else ""
    by = f" by {holder['by']}" if holder.get("by") else ""
    pid, since = holder.get("pid", "?"), holder.get("since", "?")
    return f"run {holder['run_id']}{bot} (pid {pid}{profile}) started {since}{by}"


def _wait_or_end(stress_dir: Path, plan: dict[str, Any]) -> str:
    # With the folder: whoever typed the command would not, and would end what runs in the usual one.
    where = f"-e stress_dir={shlex.quote(str(stress_dir))} -l {plan['host']}"
    end = f"ansible-playbook playbooks/recover.yml -e recover=force {where}"
    return f"Wait for it (add -e wait=10m), or end it: {end}"


def _run_here(stress_dir: Path) -> dict[str, Any] | None:
    """What the run that holds the host's lock wrote into it; any other holder is waited for. Raises Refused."""
    deadline = time.monotonic() + _OTHERS_WITHIN
    while (holder := host_lock.holder(stress_dir)) is not None and "run_id" not in holder:
        if time.monotonic() > deadline:
            raise Refused(f"{stress_dir}: {host_lock.Busy(holder)}{_HANGS}")
        time.sleep(0.05)
    return holder


def _answer(run_dir: Path, *, attached: bool, started: bool) -> dict[str, Any]:
    return {
        "run_dir": str(run_dir),
        "run_id": run_dir.name,
        "attached": attached,
        "started": started,
        "damaged": [],
    }


def _check(plan: dict[str, Any], stress_dir: Path) -> None:
    if plan["format"] != 1 or plan["engine_version"] != __version__:
        raise Refused(
            f"the plan was made for engine {plan['engine_version']}, this host has {__version__}:"
            " run the provision stage again"
        )
    if not (stress_dir / MARKER).is_file():
        raise Refused(f"{stress_dir}: carries no {MARKER}, so it is not ours: run the provision stage")
    reason = closed_path.refusal(stress_dir) or halt.sentence(stress_dir)
    if reason:
        raise Refused(reason)
    try:
        process.user_named(plan["bot"]["user"])
    except (KeyError, PermissionError) as problem:
        none = "there is none on this host; run the provision stage, or correct stress_user"
        why = problem if isinstance(problem, PermissionError) else none
        raise Refused(f"user {plan['bot']['user']!r} for the bots: {why}") from problem


def _same_run(stress_dir: Path, plan: dict[str, Any]) -> RunFolder | None:
    """The run with this plan's id, or an unfetched one with the very same plan."""
    for run in reversed(run_folders(stress_dir)):
        if not run.plan.exists():
            continue
        if run.run_id == plan["run_id"]:
            return run
        try:
            known = bounded_read.document(run.plan)
        except (Damaged, OSError):  # an old run's, which ``recover`` tells of; this plan is another
            continue
        if _is_same(known, plan) and not run.collected.exists():
            return run
    return None


def _prepare(run: RunFolder, plan: dict[str, Any]) -> None:
    not_allowed = scenario_command.forbidden(plan)
    if not_allowed:
        raise Refused(f"{not_allowed}; it runs with -e allow_commands=true")
    # The bot's user must be able to reach its arena and to list nothing here; nobody else gets in.
    run.path.parent.mkdir(mode=0o711, exist_ok=True)
    # A hand-over that was killed before the plan was written has made some of it.
    run.path.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(run.path, 0, process.user_named(plan["bot"]["user"]).gid)
        run.path.chmod(0o710)
        run.path.parent.chmod(0o711)
    for folder, mode in ((run.arenas, 0o711), (run.evidence, 0o700)):
        folder.mkdir(mode=mode, exist_ok=True)
    write_atomic(run.plan, plan)


def _start_supervisor(run: RunFolder) -> None:
    """Start it out of the session that brought the plan, and wait until it has begun."""
    seen = len(entries(run.journal, "run_started"))
    argv = own_python.argv("fleet_stress", "supervise", str(run.path))
    pid = daemon.start_apart(argv, f"run.{run.mark}", run.log)
    deadline = time.monotonic() + _BEGINS_WITHIN
    while len(entries(run.journal, "run_started")) == seen:
        if not psutil.pid_exists(pid) or time.monotonic() > deadline:
            tail = bounded_read.two_ends(run.log, 600)[0].decode(errors="replace")[-600:]
            raise Refused(f"the supervisor did not begin; look at {run.log}, and run again: {tail}")
        time.sleep(0.02)
