"""A bot as what it is: a tree of processes. Who is in it, what they have open, and how all of them stand still at once.

A shell that waits for the bot, a master with workers, ``tini``: the process that was started may write nothing, hold
nothing and use nothing itself.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

from fleet_stress import system
from fleet_stress.system import process

_GONE = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
#: Those who are started while the others are being stopped are stopped as well, up to so many times.
_ROUNDS = 20


def of(pid: int) -> list[psutil.Process]:
    """A process and its living descendants. Quick: it asks only for them, not for all processes of the host."""
    found: dict[int, psutil.Process] = {}
    waiting = [pid]
    while waiting:
        each = waiting.pop()
        if each in found:
            continue
        with contextlib.suppress(psutil.Error):
            member = psutil.Process(each)
            if process.alive(member):
                found[each] = member
        waiting += system.children_of(each)
    return list(found.values())


def handles(members: Iterable[psutil.Process]) -> int | None:
    """Open file descriptors of all of them together; None: there is nobody left to count."""
    counts: list[int] = []
    for member in members:
        with contextlib.suppress(psutil.Error):  # it ended just now
            counts.append(int(member.num_fds()))
    return sum(counts) if counts else None


def stop(members: Callable[[], Iterable[psutil.Process]]) -> list[psutil.Process]:
    """Send SIGSTOP to all of them, and to whom they start meanwhile; returns whom.

    None of them does anything in its program any more. A system call that waits for a disk may go on.
    """
    reached: dict[int, psutil.Process] = {}
    for _ in range(_ROUNDS):
        fresh = [member for member in members() if member.pid not in reached]
        if not fresh:
            break
        for member in fresh:
            reached[member.pid] = member
            with contextlib.suppress(psutil.Error):
                member.suspend()
    return list(reached.values())


def hold(members: Callable[[], Iterable[psutil.Process]]) -> list[psutil.Process]:
    """Stop all of them and wait until they have stopped (kill(2) returns earlier).

    Returns those that stand still: all but those that ended before.
    """
    held: dict[int, psutil.Process] = {}
    for _ in range(_ROUNDS):
        # One that was just starting another one when it was stopped has started it.
        fresh = [member for member in stop(members) if member.pid not in held and _stands(member)]
        if not fresh:
            break
        held.update((member.pid, member) for member in fresh)
    return list(held.values())


def let_go(held: Iterable[psutil.Process]) -> None:
    """Let them go on (SIGCONT)."""
    for member in held:
        with contextlib.suppress(psutil.Error):
            member.resume()


def open_for_writing(members: Iterable[psutil.Process], folder: Path) -> list[str]:
    """Files below a folder that any of them has open for writing, by their relative names."""
    inside, found = f"{os.path.realpath(folder)}/", set()
    for member in members:
        with contextlib.suppress(psutil.Error):
            found |= {
                file.path[len(inside) :]
                for file in member.open_files()
                # Only on Linux psutil has the mode; r+ writes in place.
                if file.path.startswith(inside) and getattr(file, "mode", "w") != "r"
            }
    return sorted(found)


def _stands(member: psutil.Process) -> bool:
    """Wait until it has stopped. False: it has ended."""
    deadline = time.monotonic() + process.GONE_WITHIN
    try:
        while time.monotonic() < deadline:
            status = member.status()
            # Who waits for a child that stands still is stopped only once that goes on, and does nothing until then.
            if status == psutil.STATUS_STOPPED or system.waits_for_vfork(member.pid):
                return True
            if status in _GONE:
                return False
            time.sleep(0.0005)
    except psutil.NoSuchProcess:
        pass
    return False
