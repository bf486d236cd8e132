"""Starting a bot; finding and ending what we started. Never by name: by pid and start time, or by mark."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import psutil

from fleet_stress import system
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE

#: How long a killed process may take to vanish, in seconds: a deadline, not an expectation.
GONE_WITHIN = 30.0


class User(NamedTuple):
    """The account that bots run as; the one that we run as when we are not root."""

    name: str
    uid: int
    gid: int


def user_named(name: str) -> User:
    """Look an account up. Raises KeyError when there is none, PermissionError when it is root's."""
    entry = pwd.getpwnam(name)
    if entry.pw_uid == 0:
        raise PermissionError("bots run as an unprivileged user, never as root: set stress_user")
    return User(name, entry.pw_uid, entry.pw_gid)


def start(
    argv: Sequence[str],
    *,
    user: User,
    folder: Path,
    environment: Mapping[str, str],
    stdout: BinaryIO | int,
    stderr: BinaryIO | int,
    closed: tuple[int, ...] = (),
    groups: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start a program as ``user`` in its own session, with just this environment.

    Signal dispositions and the mask are set back to their defaults: a child of a process that ignores
    SIGINT would ignore it too, and a row about SIGINT would prove nothing. It has none of the descriptors in
    ``closed``. It is in the control groups that ``groups`` are the doors of (``cgroups.doors``) before it is anything
    else. Raises OSError.
    """
    try:
        return subprocess.Popen(
            list(argv),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            umask=0o022,
            preexec_fn=functools.partial(_as_if_freshly_logged_in, user, closed, groups),
        )
    except subprocess.SubprocessError as problem:  # all that it says of what is done below
        raise OSError(f"{argv[0]}: it could not become {user.name}, or enter its control groups") from problem


def _as_if_freshly_logged_in(user: User, closed: tuple[int, ...], groups: Sequence[int]) -> None:
    for one in groups:  # with our rights still
        os.write(one, b"0")
    system.become(user.uid, user.gid)
    system.die_with_parent()  # the kernel forgets that with each change of the user (prctl(2))
    for one in closed:
        os.close(one)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            with contextlib.suppress(OSError):  # the C library keeps a few for itself
                signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def marked(mark: str, variable: str = MARK_VARIABLE) -> list[psutil.Process]:
    """Living processes that carry our mark (a run ``R`` or an arena ``R/S``) in their environment."""
    found = []
    for candidate in psutil.process_iter():
        try:
            value = candidate.environ().get(variable, "")
            if value == mark or value.startswith(mark + "/"):
                found.append(candidate)
        except psutil.Error:  # ended meanwhile, or not ours to look into
            continue
    return found


def is_tool_of_ours(one: psutil.Process) -> bool:
    """Whether it is a system's program that an arena runs (``programs.run``), and so none of the bot's making."""
    try:
        return ARENA_VARIABLE in one.environ()
    except psutil.Error:
        return False


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """All living descendants of a process (of ourselves by default), zombies left out."""
    try:
        return [one for one in psutil.Process(pid).children(recursive=True) if alive(one)]
    except psutil.NoSuchProcess:
        return []


def children() -> list[psutil.Process]:
    """Our own living children, orphans that came to us among them."""
    return [one for one in psutil.Process().children() if alive(one)]


def alive(one: psutil.Process) -> bool:
    """True while the process runs; a zombie is dead, and so is another process with its pid."""
    try:
        return bool(one.is_running() and one.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_all(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL each and wait until it is gone. psutil compares start times: a reused pid is not hit."""
    pending = [one for one in processes if one.pid != os.getpid()]
    for one in pending:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # the rest must get its turn
            one.kill()
    wait_until(lambda: not any(alive(one) for one in pending), GONE_WITHIN, 0.01)


def reap(keep: Iterable[int] = ()) -> None:
    """Collect dead children that nobody waits for, orphans that came to us; not those of ``keep``."""
    spared = set(keep)
    for child in psutil.Process().children():
        if child.pid not in spared:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, os.WNOHANG)


def end_arenas(mark: str) -> None:
    """End the arenas of a run that has no supervisor: asked first, so that they undo; then killed."""
    arenas = marked(mark, ARENA_VARIABLE)
    for one in arenas:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            one.terminate()
    _, stubborn = psutil.wait_procs(arenas, timeout=GONE_WITHIN)
    end_all(stubborn)


def describe(one: psutil.Process) -> dict[str, Any]:
    """What a person needs in order to recognise a process: pid, name, command line."""
    try:
        with one.oneshot():
            return {"pid": one.pid, "name": one.name(), "cmdline": " ".join(one.cmdline())[:300]}
    except psutil.Error:
        return {"pid": one.pid, "name": "?", "cmdline": ""}


def handles(pid: int) -> int | None:
    """Number of open file descriptors of a process, or None when it cannot be seen."""
    try:
        return int(psutil.Process(pid).num_fds())
    except psutil.Error:
        return None


def hold(pid: int) -> bool:
    """SIGSTOP a process and wait until it has stopped: kill(2) returns before that. False when it ended."""
    deadline = time.monotonic() + GONE_WITHIN
    try:
        held = psutil.Process(pid)
        held.suspend()
        while time.monotonic() < deadline:
            status = held.status()
            if status == psutil.STATUS_STOPPED:
                return True
            if status in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
                return False
            time.sleep(0.0005)
    except psutil.NoSuchProcess:
        pass
    return False


def open_for_writing(pid: int, folder: Path) -> list[str]:
    """Files below a folder that a process has open for writing, by their names in it."""
    try:
        opened = psutil.Process(pid).open_files()
    except psutil.Error:
        return []
    inside = f"{os.path.realpath(folder)}/"
    return sorted(
        one.path[len(inside) :]
        for one in opened
        # psutil tells how a file was opened on Linux alone; r+ is for writing in place.
        if one.path.startswith(inside) and getattr(one, "mode", "w") != "r"
    )
