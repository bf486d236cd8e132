"""Runs on the controller: one id for one command, found again when ``ansible-playbook`` died half-way.

``results/<run_id>/run.json`` says what a run is and who watches it. The same command finds the newest run of
its own that nobody has closed, and goes on with it: on the hosts nothing is started twice. While whoever
watches it still lives, a second one is turned away.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import multiprocessing
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from fleet_controller.messages.errors import UserError, did_you_mean, listed
from fleet_controller.messages.text import plain
from fleet_controller.planning.compile_command import digest
from fleet_controller.untrusted.atomic_files import link_atomic, write_atomic

#: One that is not gone on with, because its operator began anew, stays as it is.
RUNNING, FINISHED, ABANDONED = "running", "finished", "abandoned"
LATEST = "latest"
#: Two readings of one process's start may differ by rounding, in seconds.
_SAME_START = 1.0


class Run(NamedTuple):
    """A run that this controller watches. ``attached``: it is an earlier one, gone on with."""

    run_id: str
    folder: Path
    attached: bool


def new_id() -> str:
    """An id that sorts by time (UTC): ``20261124-141200-ab12cd``."""
    return f"{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def open_run(
    results_dir: Path, command: Mapping[str, Any], versions: Mapping[str, str], *, resume: bool = True
) -> Run:
    """Begin a run, or go on with the one that this command began before.

    Args:
        results_dir: Folder of all results; made if missing.
        command: All that makes two commands the same: ``bot``, ``bot_source``, ``profile``, ``scenarios``,
            ``hosts``, and a ``digest`` of what they were compiled to. JSON.
        versions: Of what takes part, for the record.
        resume: Whether to go on with an earlier run; False begins anew.

    Raises:
        UserError: Somebody else watches the same run, or the folder cannot be written.
    """
    try:
        results_dir.mkdir(parents=True, exist_ok=True)
        with alone(results_dir):
            return _open(results_dir, command, versions, resume=resume)
    except OSError as problem:
        why = problem.strerror or str(problem)
        do = "make room or give rights there, or choose another: -e stress_results_dir=/folder"
        raise UserError(
            "the results cannot be kept", str(problem.filename or results_dir), why, do
        ) from problem


def has_run(folder: Path) -> bool:
    """Whether a host of this run has brought a result: a run that was refused everywhere is none."""
    return any(folder.glob("hosts/*/result.json"))


def host_folders(folder: Path) -> list[Path]:
    """What hosts have brought to this run, a folder for each."""
    return sorted(path for path in (folder / "hosts").glob("*") if path.is_dir())


def make_latest(results_dir: Path, run_id: str) -> None:
    """Let ``latest`` lead to a run of which something is there. Raises OSError."""
    link_atomic(results_dir / LATEST, run_id)


def close_run(results_dir: Path, run_id: str, **about: Any) -> None:
    """The run is over: the same command begins a new one. Repeatable; ``about`` is added to run.json.

    Raises OSError where there is no such run.
    """
    path = results_dir / run_id / "run.json"
    with alone(results_dir):
        document = json.loads(path.read_text(encoding="utf-8"))
        finished = document["finished"] or _now()
        write_atomic(path, {**document, **about, "state": FINISHED, "finished": finished})


def known_runs(results_dir: Path) -> Iterator[dict[str, Any]]:
    """The run.json of all runs, newest first; what cannot be read is passed over."""
    for path in sorted(results_dir.glob("*/run.json"), key=lambda item: item.parent.name, reverse=True):
        if path.parent.is_symlink():
            continue
        with contextlib.suppress(OSError, ValueError):
            document = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(document, dict) and document.get("run_id") == path.parent.name:
                yield document


def is_watched(run: Mapping[str, Any]) -> bool:
    """Whether the ``ansible-playbook`` that watches a run still lives, as far as that is known here."""
    return _lives(run.get("controller"), itself=True)


def run_folder(results_dir: Path, run_id: Any) -> Path:
    """The folder of a run; empty or ``latest`` means the newest. Raises UserError: there is no such run."""
    name = str(run_id or LATEST)
    folder = results_dir / name
    if name == LATEST and folder.is_symlink():
        folder = results_dir / folder.readlink()
    if Path(name).name != name or name.startswith(".") or not (folder / "run.json").is_file():
        there = sorted(
            path.parent.name for path in results_dir.glob("*/run.json") if path.parent.name != LATEST
        )
        why = f"there is: {listed(there[-5:])}"
        raise UserError(
            f"there is no run `{plain(name, 100)}`", str(results_dir), why, did_you_mean(name, there)
        )
    return folder


@contextlib.contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Nobody removes a run's folder while this lasts: whoever reads it for long says so. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _open(results_dir: Path, command: Mapping[str, Any], versions: Mapping[str, str], *, resume: bool) -> Run:
    command_hash = digest(command)
    own = [run for run in known_runs(results_dir) if run.get("command_hash") == command_hash]
    left = next((item for item in own if item.get("state") == RUNNING), None)
    if left is not None and _lives(left.get("controller")):
        watcher = left["controller"]
        raise UserError(
            "the same command is being watched already",
            f"run {left['run_id']}, process {watcher['pid']} on {watcher['host']}",
            f"since {watcher['since']}; that run goes on, and whoever began it will bring its results",
            f"wait for it, or end that process first: kill {watcher['pid']}",
        )
    if left is not None and not resume:
        for run in own:
            if run.get("state") == RUNNING:
                write_atomic(results_dir / run["run_id"] / "run.json", {**run, "state": ABANDONED})
        left = None
    document: dict[str, Any] = left or {
        "run_id": new_id(),
        "command_hash": command_hash,
        "state": RUNNING,
        "started": _now(),
        "finished": None,
        **{name: value for name, value in command.items() if name != "digest"},
    }
    run_id = document["run_id"]
    folder = results_dir / run_id
    write_atomic(folder / "run.json", {**document, "versions": dict(versions), "controller": _myself()})
    if not has_run(results_dir / LATEST):  # nothing better is known; what is refused takes no run's place
        make_latest(results_dir, run_id)
    return Run(run_id, folder, attached=left is not None)


@contextlib.contextmanager
def alone(results_dir: Path) -> Iterator[None]:
    """One at a time decides which run it is, or adds one. Whoever dies gives the lock free. Raises OSError."""
    descriptor = os.open(results_dir / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _myself() -> dict[str, Any]:
    """Who watches: ansible-playbook itself, not the worker that it forked for this task."""
    parent = multiprocessing.parent_process()
    pid = parent.pid if parent is not None and parent.pid else os.getpid()
    return {"pid": pid, "began": _began(pid), "host": socket.gethostname(), "since": _now()}


def _lives(controller: Any, *, itself: bool = False) -> bool:
    """Whether a watcher still lives. One on another machine cannot be asked, and attaching harms nobody.

    ``itself``: this very command counts as well.
    """
    if not isinstance(controller, dict) or controller.get("host") != socket.gethostname():
        return False
    pid, began = controller.get("pid"), controller.get("began")
    if not isinstance(pid, int) or not isinstance(began, (int, float)):
        return False
    if pid == _myself()["pid"] and not itself:
        return False
    now = _began(pid)
    return now is not None and abs(now - began) < _SAME_START


def _began(pid: int) -> float | None:
    """When a process began, in seconds since boot (no clock can be set in between); None: it is dead."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time() - psutil.boot_time())
    except (psutil.Error, OverflowError, ValueError):
        return None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
