"""Starts processes of ours that outlive their parent, each in a session of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fleet_stress import system


def start_apart(argv: Sequence[str], name: str, log: Path) -> int:
    """As ``start``, and where the system can (systemd), also out of the control group of the login's session."""
    pid = system.start_apart(argv, name, log, _environment())
    return start(argv, log) if pid is None else pid


def start(argv: Sequence[str], log: Path) -> int:
    """Start a program that outlives us, with its output in ``log``; returns its pid, 0: it could not be started.

    A child in between ends at once, so that the program never becomes our zombie.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            started = subprocess.Popen(
                list(argv),
                stdin=subprocess.DEVNULL,
                stdout=target,
                stderr=target,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
            os.write(writing, str(started.pid).encode())
        finally:
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as stream:
        return int(stream.read() or "0")


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": system.LOCALE}
