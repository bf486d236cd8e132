"""A lab's control groups: the one thing of it that the kernel does not take away with its last process.

A lab's group is named after its keeper, so that anyone can tell a dead lab's from a living one's.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

from lab import record

_PREFIX = "fs-lab-"
#: How long a killed process may take to leave its group, in seconds: a deadline.
_WITHIN = 30.0


class Hierarchy(NamedTuple):
    """One mounted tree of control groups: where, of which kind, with which options (its controllers)."""

    top: Path
    kind: str
    options: str


def hierarchies() -> list[Hierarchy]:
    """Those of this machine in which groups can be made."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines():
        first, _, last = line.partition(" - ")
        kind, _, options = last.split()
        if kind in ("cgroup", "cgroup2") and "ro" not in first.split()[5].split(","):
            own = [
                word for word in options.split(",") if word != "rw" and not word.startswith("release_agent")
            ]
            found.append(Hierarchy(Path(first.split()[4]), kind, ",".join(own)))
    return found


def name(keeper: dict[str, Any]) -> str:
    """What a lab's group is called in each hierarchy."""
    return f"{_PREFIX}{keeper['pid']}-{keeper['started']}"


def make(keeper: dict[str, Any], host: str) -> None:
    """Make a host's groups; those that stand already stay."""
    for tree in hierarchies():
        for group in (tree.top / name(keeper), tree.top / name(keeper) / host):
            group.mkdir(exist_ok=True)
            if tree.kind == "cgroup2":
                _pass_on(group.parent)
            else:
                _inherit_processors(group)


def join(keeper: dict[str, Any], host: str, pid: int = 0) -> None:
    """Put a process (the calling one), and all that it will start, into a host's groups."""
    for tree in hierarchies():
        (tree.top / name(keeper) / host / "cgroup.procs").write_text(str(pid), "ascii")


def inside(keeper: dict[str, Any], host: str) -> list[str]:
    """The groups that somebody on a host has made, as ``HIERARCHY/GROUP``."""
    found = []
    for tree in hierarchies():
        top = tree.top / name(keeper) / host
        found += [f"{tree.top.name}/{path.relative_to(top)}" for path in _folders(top)[:-1]]
    return sorted(found)


def remove_dead() -> list[Path]:
    """Remove the groups of labs whose keeper is gone; returns them. Raises TimeoutError."""
    dead = []
    for tree in hierarchies():
        for group in tree.top.glob(_PREFIX + "*"):
            pid, _, started = group.name.removeprefix(_PREFIX).partition("-")
            if not (started.isdigit() and record.alive({"pid": int(pid), "started": int(started)})):
                _remove(group)
                dead.append(group)
    return dead


def _remove(group: Path) -> None:
    """Remove a group and those below it, once the last process is out."""
    deadline = time.monotonic() + _WITHIN
    for path in _folders(group):
        while path.is_dir():
            with contextlib.suppress(OSError):
                path.rmdir()
                break
            if time.monotonic() > deadline:
                raise TimeoutError(f"{path}: a process of a dead lab is still in it")
            time.sleep(0.01)


def _folders(group: Path) -> list[Path]:
    """A group after all those below it; none of those that somebody else removes just now."""
    return [Path(folder) for folder, _, _ in os.walk(group, topdown=False)]


def _pass_on(group: Path) -> None:
    """What a group of version 2 has been given by its parent, its children are given too."""
    for controller in (group / "cgroup.controllers").read_text("ascii").split():
        with contextlib.suppress(OSError):
            (group / "cgroup.subtree_control").write_text("+" + controller, "ascii")


def _inherit_processors(group: Path) -> None:
    """A new group of version 1's cpuset has no processor, and takes no process until it has."""
    for each in ("cpuset.cpus", "cpuset.mems"):
        if (group / each).exists() and not (group / each).read_text("ascii").strip():
            (group / each).write_text((group.parent / each).read_text("ascii"), "ascii")
