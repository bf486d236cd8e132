"""How a command of the engine reports that it cannot work: one sentence on stderr, and an exit code.

Exit codes: 1 the request does not fit this host (another run uses it, nothing of that name is held), 2 the command
line is invalid, ``UNUSABLE`` files or folders are unusable.
"""

from __future__ import annotations

import sys

UNUSABLE = 4
_RUN = "Give the folder of a run on this host: STRESS_DIR/runs/RUN"
_PLACE = "Give the folder on this host that carries .fleet-stress"


class Damaged(ValueError):
    """A file of ours is damaged; the text says which, and what to do."""


def unusable(command: str, problem: Exception, *, on_run: bool) -> int:
    """Print why files cannot be used; returns the exit code."""
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
