"""Running a program of the system: the one place that does. Bots and companions go through ``process``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from fleet_stress.place import ARENA_VARIABLE

#: Exit codes of our own, as a shell gives them: not ended in time, not to be started.
TIMED_OUT, NOT_STARTED = 124, 127
#: Where a system's own programs are, whatever PATH a login brought along.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Ran(NamedTuple):
    """What came of it."""

    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """Its last words in one line, for a message."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1][:300] if lines else f"exit code {self.code}"


def program_of_the_system(name: str) -> str | None:
    """Where the system keeps a program of its own; None: it has none of that name."""
    return shutil.which(name, path=_PATH)


def run(argv: Sequence[str], *, within: float = 30.0) -> Ran:
    """Run a program to its end, in the C locale. Never raises for what the program does.

    Args:
        argv: Its command line; the program is looked for where the system keeps its own.
        within: Seconds; beyond it is killed, and the code is TIMED_OUT.
    """
    environment = {"PATH": _PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")}
    if ARENA_VARIABLE in os.environ:  # so that whoever recovers finds and ends what an arena left running
        environment[ARENA_VARIABLE] = os.environ[ARENA_VARIABLE]
    try:
        ended = subprocess.run(
            list(argv),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=within,
            check=False,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return Ran(TIMED_OUT, "", f"{argv[0]} did not end within {within:g} s")
    except OSError as problem:
        return Ran(NOT_STARTED, "", f"{argv[0]}: {problem.strerror or problem}")
    return Ran(ended.returncode, ended.stdout, ended.stderr)


__all__ = ["NOT_STARTED", "TIMED_OUT", "Ran", "program_of_the_system", "run"]
