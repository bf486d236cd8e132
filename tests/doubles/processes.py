"""Whether a process lives, for doubles: they have nothing but the standard library."""

import os
from pathlib import Path


def lives(pid):
    """True while it runs; one that is dead and was not collected yet is dead."""
    try:
        os.kill(pid, 0)
    except (OSError, TypeError):
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:  # no /proc: a double on a Mac
        return True
