"""Runs programs of the system; nothing else does. Bots and companions are started by ``process``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from fleet_stress.store.layout import ARENA_VARIABLE

#: Exit codes of ours, as a shell gives them: timed out, could not be started.
TIMED_OUT, NOT_STARTED = 124, 127
#: Where a system keeps its programs, whatever PATH a login set.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Completed(NamedTuple):
    """How a program ended, and its output."""

    code: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """The last line of its output, for a message."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1][:300] if lines else f"exit code {self.code}"


def program_of_the_system(name: str) -> str | None:
    """The path of a system program; None: there is none of that name."""
    return shutil.which(name, path=_PATH)


def run(argv: Sequence[str], *, within: float = 30.0, given: str = "") -> Completed:
    """Run a program to its end, in the C locale. Never raises because of the program.

    Args:
        argv: Its command line; the program is looked for where the system keeps its programs.
        within: Seconds; after that it is killed, and the code is TIMED_OUT.
        given: Its standard input.
    """
    try:
        ended = subprocess.run(list(argv), input=given, timeout=within, check=False, **_surroundings())
    except subprocess.TimeoutExpired:
        return Completed(TIMED_OUT, "", f"{argv[0]} did not end within {within:g} s")
    except OSError as problem:
        return Completed(NOT_STARTED, "", f"{argv[0]}: {problem.strerror or problem}")
    return Completed(ended.returncode, ended.stdout, ended.stderr)


def run_announced(argv: Sequence[str], announce: Callable[[int], None], *, within: float = 30.0) -> Completed:
    """As ``run``, but calls ``announce`` with the pid before the program starts; nothing is done if we die in between.

    For a program whose effect carries its pid: a shell waits for a line from us and becomes the program (execve(2)
    keeps the pid). Raises what ``announce`` raises, with nothing done.
    """
    waiting = ["/bin/sh", "-c", 'read -r _ && exec "$@"', "sh", *argv]
    started = subprocess.Popen(waiting, stdin=subprocess.PIPE, **_surroundings())
    try:
        announce(started.pid)
        out, err = started.communicate("go\n", timeout=within)
    except subprocess.TimeoutExpired:
        return Completed(TIMED_OUT, "", f"{argv[0]} did not end within {within:g} s")
    finally:
        if started.poll() is None:
            started.kill()
            started.communicate()
    return Completed(started.returncode, out, err)


def _surroundings() -> dict[str, Any]:
    environment = {"PATH": _PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")}
    if ARENA_VARIABLE in os.environ:  # recovery finds and ends what an arena left running by it
        environment[ARENA_VARIABLE] = os.environ[ARENA_VARIABLE]
    pipe = subprocess.PIPE
    return {"env": environment, "stdout": pipe, "stderr": pipe, "text": True, "errors": "replace"}


__all__ = ["NOT_STARTED", "TIMED_OUT", "Completed", "program_of_the_system", "run", "run_announced"]
