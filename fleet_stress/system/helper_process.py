"""Starts and ends a process of ours beside the bot, which some faults need."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

from fleet_stress import system
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE
from fleet_stress.system import children

#: Of this process. One that has become the bot's user would otherwise be taken for a process of the bot's.
_running: set[int] = set()


def running() -> frozenset[int]:
    """The pids of those that this process has started and not ended."""
    return frozenset(_running)


def environment(mark: str) -> dict[str, str]:
    """An environment that marks it as ours: recovery ends it, and it is not taken for the bot."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept, MARK_VARIABLE: mark, ARENA_VARIABLE: mark}


def start(argv: Sequence[str], mark: str, errors: BinaryIO) -> subprocess.Popen[bytes]:
    """Start one that ends with us; its input and output are pipes, its standard error goes to ``errors``.

    Raises OSError.
    """
    started = children.in_own_session(
        list(argv),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=environment(mark),
        preexec_fn=system.die_with_parent,
    )
    _running.add(started.pid)
    return started


def end(started: subprocess.Popen[bytes]) -> None:
    """End it; repeatable."""
    if started.poll() is None:
        started.kill()
    started.wait()
    _running.discard(started.pid)
    for stream in (started.stdin, started.stdout):
        if stream is not None:
            stream.close()
