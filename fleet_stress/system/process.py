"""Starts a bot; finds and ends what we started: by pid and start time, or by mark, never by name."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import resource
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import psutil

from fleet_stress import system
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE
from fleet_stress.system import children

#: Deadline in seconds for a killed process to disappear.
GONE_WITHIN = 30.0
#: One that is there so long after SIGKILL may hang in a file system of its own. Seconds.
_HANGS_AFTER = 2.0
#: Programs that run scripts, by name.
SHELLS = frozenset({"ash", "bash", "busybox", "dash", "fish", "ksh", "ksh93", "mksh", "sh", "yash", "zsh"})
#: Steps of niceness by which an arena goes before its bot: enough that the kernel lets it run as soon as it wakes up.
_BEFORE_BOTS = 10
#: What this process was started with, and what a bot gets.
_USUAL_NICENESS = os.getpriority(os.PRIO_PROCESS, 0)
#: What ``confine`` and ``limit_processes`` have set.
_CONFINED: list[Path] = []
_LIMIT: list[int] = []


class User(NamedTuple):
    """The account that bots run as; without root, our own."""

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

    Signal dispositions and the mask are reset: a child of a process that ignores SIGINT would ignore it too, and a
    row about SIGINT would prove nothing. It does not inherit the descriptors in ``closed``. It enters the control
    groups that this process confines others to, and those of ``groups`` (descriptors of ``cgroups.doors``), before
    anything else. Raises OSError.
    """
    try:
        with contextlib.ExitStack() as opened:
            confining = [
                opened.enter_context((group / "cgroup.procs").open("wb", buffering=0)).fileno()
                for group in _CONFINED
            ]
            return children.in_own_session(
                list(argv),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                umask=0o022,
                preexec_fn=functools.partial(_as_if_freshly_logged_in, user, closed, [*confining, *groups]),
            )
    except subprocess.SubprocessError as problem:  # the only error of what runs in the child
        raise OSError(f"{argv[0]}: it could not become {user.name}, or enter its control groups") from problem


def confined() -> list[Path]:
    """The control groups that whatever this process starts as another user is in."""
    return list(_CONFINED)


def confine(groups: Iterable[Path]) -> list[Path]:
    """From now on whatever ``start`` starts is in these control groups; returns those of before."""
    before, _CONFINED[:] = confined(), groups
    return before


def limit_processes(most: int | None) -> None:
    """From now on whatever ``start`` starts may have so many processes with all of its user (RLIMIT_NPROC).

    For systems without a control group that counts an arena's own. None: as many as before.
    """
    _LIMIT[:] = [] if most is None else [most]


def go_before_bots() -> None:
    """Let the calling thread, and what it starts, have the processor before bots; without root nothing changes.

    On a busy host an observer that waits in line with its bot misses cycles, and a fault that must be kept up is not.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(-20, _USUAL_NICENESS - _BEFORE_BOTS))


@contextlib.contextmanager
def ahead_of_all() -> Iterator[bool]:
    """Meanwhile the calling thread has a processor at the moment at which it wakes (sched(7), SCHED_FIFO).

    Nothing else runs there until it waits again, so it is for microseconds between waits. What it starts has none of
    it. False: this system or this user cannot, and nothing is changed.
    """
    if not hasattr(os, "sched_setscheduler"):  # macOS
        yield False
        return
    usual = os.sched_getscheduler(0), os.sched_getparam(0)
    lowest = os.sched_param(os.sched_get_priority_min(os.SCHED_FIFO))
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, lowest)
    except OSError:
        yield False
        return
    try:
        yield True
    finally:
        os.sched_setscheduler(0, *usual)


def _as_if_freshly_logged_in(user: User, closed: tuple[int, ...], groups: Sequence[int]) -> None:
    for group in groups:  # still with our rights
        os.write(group, b"0")
    os.setpriority(os.PRIO_PROCESS, 0, _USUAL_NICENESS)
    for most in _LIMIT:
        _, hard = resource.getrlimit(resource.RLIMIT_NPROC)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_NPROC, (allowed, allowed))
    system.become(user.uid, user.gid)
    system.die_with_parent()  # the kernel forgets that with each change of the user (prctl(2))
    for descriptor in closed:
        os.close(descriptor)
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            with contextlib.suppress(OSError):  # the C library keeps a few for itself
                signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def marked(mark: str, variable: str = MARK_VARIABLE) -> list[psutil.Process]:
    """Living processes that carry our mark (a run ``R`` or an arena ``R/S``) in their environment."""
    found = []
    for pid in system.pids_with_variable(variable):
        try:
            candidate = psutil.Process(pid)
            value = candidate.environ().get(variable, "")
            if value == mark or value.startswith(mark + "/"):
                found.append(candidate)
        except psutil.Error:  # ended meanwhile, or not ours to look into
            continue
    return found


def is_tool_of_ours(process: psutil.Process) -> bool:
    """Whether it is a system program that an arena runs (``programs.run``), so not the bot's.

    A bot can put any word into its environment; but not run as our user, where that is another one.
    """
    try:
        return ARENA_VARIABLE in process.environ() and process.uids().real == os.getuid()
    except psutil.Error:
        return False


def descendants(pid: int | None = None) -> list[psutil.Process]:
    """All living descendants of a process (of ourselves by default), zombies left out."""
    try:
        return [child for child in psutil.Process(pid).children(recursive=True) if alive(child)]
    except psutil.NoSuchProcess:
        return []


def living_children() -> list[psutil.Process]:
    """Our own living children, including orphans that we adopted."""
    return [child for child in psutil.Process().children() if alive(child)]


def handles_of(pids: Iterable[int]) -> dict[int, psutil.Process]:
    """Handles of those that are still there, by pid."""
    found = {}
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            found[pid] = psutil.Process(pid)
    return found


def alive(process: psutil.Process) -> bool:
    """Whether the process runs; a zombie is dead, and so is a process whose pid was reused."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def end_all(processes: Iterable[psutil.Process]) -> None:
    """SIGKILL each and wait until it is gone. psutil compares start times: a reused pid is not hit."""
    pending = [process for process in processes if process.pid != os.getpid()]
    for process in pending:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # the rest must get its turn
            process.kill()
    if not wait_until(lambda: not any(map(alive, pending)), _HANGS_AFTER, 0.01):
        system.abort_own_disks(process.pid for process in pending)
        wait_until(lambda: not any(map(alive, pending)), GONE_WITHIN, 0.01)


def end_arenas(mark: str) -> None:
    """End the arenas of a run without a supervisor: SIGTERM first, so that they undo; then SIGKILL."""
    arenas = marked(mark, ARENA_VARIABLE)
    for arena in arenas:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            arena.terminate()
    _, stubborn = psutil.wait_procs(arenas, timeout=GONE_WITHIN)
    end_all(stubborn)


def describe(process: psutil.Process) -> dict[str, Any]:
    """What identifies a process to a person: pid, name, command line."""
    try:
        with process.oneshot():
            return {"pid": process.pid, "name": process.name(), "cmdline": " ".join(process.cmdline())[:300]}
    except psutil.Error:
        return {"pid": process.pid, "name": "?", "cmdline": ""}
