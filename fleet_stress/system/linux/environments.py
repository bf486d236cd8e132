"""Linux: which processes may have a variable in their environment (proc_pid_environ(5))."""

from __future__ import annotations

import io

import psutil

__all__ = ["pids_with_variable"]


def pids_with_variable(name: str) -> list[int]:
    """Processes whose environment holds ``NAME=``, of those that we may look into; perhaps within another value.

    An arena asks often, and hardly any process has it: so nothing is taken apart here, nor does
    each path become an object.
    """
    wanted, found = f"{name}=".encode(), []
    for pid in psutil.pids():
        try:
            with io.FileIO(f"/proc/{pid}/environ") as stream:
                if wanted in stream.readall():
                    found.append(pid)
        except OSError:  # ended meanwhile, or not ours to look into
            continue
    return found
