"""Running a program of the system: the one place that does. Bots and companions go through ``process``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

from fleet_stress.store.layout import ARENA_VARIABLE

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


def run(argv: Sequence[str], *, within: float = 30.0, given: str = "") -> Ran:
    """Run a program to its end, in the C locale. Never raises for what the program does.

    Args:
        argv: Its command line; the program is looked for where the system keeps its own.
        within: Seconds; beyond it is killed, and the code is TIMED_OUT.
        given: What it reads on its standard input.
    """
    try:
        ended = subprocess.run(list(argv), input=given, timeout=within, check=False, **_surroundings())
    except subprocess.TimeoutExpired:
        return Ran(TIMED_OUT, "", f"{argv[0]} did not end within {within:g} s")
    except OSError as problem:
        return Ran(NOT_STARTED, "", f"{argv[0]}: {problem.strerror or problem}")
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def run_known(argv: Sequence[str], know: Callable[[int], None], *, within: float = 30.0) -> Ran:
    """As ``run``, but ``know`` is told the program's pid before it does anything; nothing is done if we die in between.

    For a program whose doing carries its pid: a shell waits for a line of ours, and becomes the program (execve(2)
    keeps the pid). Raises what ``know`` raises, with nothing done.
    """
    waiting = ["/bin/sh", "-c", 'read -r _ && exec "$@"', "sh", *argv]
    started = subprocess.Popen(waiting, stdin=subprocess.PIPE, **_surroundings())
    try:
        know(started.pid)
        out, err = started.communicate("go\n", timeout=within)
    except subprocess.TimeoutExpired:
        return Ran(TIMED_OUT, "", f"{argv[0]} did not end within {within:g} s")
    finally:
        if started.poll() is None:
            started.kill()
            started.communicate()
    return Ran(started.returncode, out, err)


def _surroundings() -> dict[str, Any]:
    environment = {"PATH": _PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")}
    if ARENA_VARIABLE in os.environ:  # so that whoever recovers finds and ends what an arena left running
        environment[ARENA_VARIABLE] = os.environ[ARENA_VARIABLE]
    pipe = subprocess.PIPE
    return {"env": environment, "stdout": pipe, "stderr": pipe, "text": True, "errors": "replace"}


__all__ = ["NOT_STARTED", "TIMED_OUT", "Ran", "program_of_the_system", "run", "run_known"]
