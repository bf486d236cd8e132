"""A process of ours beside the bot, as some faults need one: its start, what marks it, and its end."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from typing import BinaryIO

from fleet_stress import system
from fleet_stress.store.layout import ARENA_VARIABLE, MARK_VARIABLE


def environment(mark: str) -> dict[str, str]:
    """What marks it as ours and not the bot's: whoever recovers ends it, and nobody takes it for the bot."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return {"LC_ALL": "C.UTF-8", **kept, MARK_VARIABLE: mark, ARENA_VARIABLE: mark}


def start(argv: Sequence[str], mark: str, said: BinaryIO) -> subprocess.Popen[bytes]:
    """Start one that ends with us, and is talked to by its input and output; its errors go to ``said``.

    Raises OSError.
    """
    return subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=environment(mark),
        start_new_session=True,
        preexec_fn=system.die_with_parent,
    )


def end(started: subprocess.Popen[bytes]) -> None:
    """End one, where it still runs; repeatable."""
    if started.poll() is None:
        started.kill()
    started.wait()
    for stream in (started.stdin, started.stdout):
        if stream is not None:
            stream.close()
