"""What a command of the engine says when it cannot do its work: one sentence on stderr, and an exit code.

Exit codes: 1 what was asked for is not so here (another run uses the host, nothing of that name is held), 2 the
command line was not understood, ``UNUSABLE`` files or folders are not as they should be.
"""

from __future__ import annotations

import sys

UNUSABLE = 4
_RUN = "Give the folder of a run on this host: STRESS_DIR/runs/RUN"
_PLACE = "Give the folder on this host that carries .fleet-stress"


class Damaged(ValueError):
    """A file of ours does not hold what it should; the text says which, and what to do."""


def unusable(command: str, problem: Exception, *, on_run: bool) -> int:
    """Say why files cannot be used; returns the exit code."""
    print(f"fleet-stress {command}: {_in_words(problem, _RUN if on_run else _PLACE)}", file=sys.stderr)
    return UNUSABLE


def _in_words(problem: Exception, do: str) -> str:
    if not isinstance(problem, OSError):
        return str(problem)
    why = problem.strerror or str(problem)
    where = f"{problem.filename}: " if problem.filename else ""
    if isinstance(problem, PermissionError):
        do = "Give the command as root, or as the user that the folder belongs to"
    elif not isinstance(problem, (FileNotFoundError, NotADirectoryError)):
        do = "Make room there, or choose a folder that can be written to"
    return f"{where}{why}. {do}."
