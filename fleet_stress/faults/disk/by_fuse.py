"""The faulty file system itself (FUSE) in the place of a bot's folder: tried, mounted. Linux's alone.

Mounted in the arena's private mount namespace, where root makes one: nobody else sees it, and the kernel takes it away
with the arena's last process. Without root it is mounted by fusermount3 for all to see, and the undo record, which is
on disk before, takes it away.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.protocol import UndoNeeded, Unsupported
from fleet_stress.faults.site import Site, Where
from fleet_stress.faulty_fs.mount import FuseMount, Order
from fleet_stress.system import own_python

NAME = "fuse"
_TRY_WITHIN = 60.0


def supported(where: Where, rules: Sequence[Mapping[str, Any]]) -> Unsupported | None:
    """Tried, not read off a setting: one is mounted, used and gone at once, in a namespace of its own as root."""
    del rules  # it can do all that a rule can say
    return _cannot(where.stress_dir if where.stress_dir.is_dir() else None)


def able(site: Site) -> bool:
    """The same, asked in an arena."""
    return _cannot(site.scratch) is None


def _cannot(folder: Path | None) -> Unsupported | None:
    if not system.HAS_FUSE:
        return Unsupported("the faulty file system needs FUSE as Linux has it", "a Linux host")
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        said = _tried(scratch)
    if said is None:
        return None
    return Unsupported(f"the faulty file system cannot be mounted here: {said}", _enable(said))


def _tried(scratch: str) -> str | None:
    argv = own_python.argv("fleet_stress.faulty_fs.attempt", scratch)
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRY_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return "it did not answer in time"
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else f"exit code {done.returncode}"


def _enable(said: str) -> str:
    if "libfuse3 cannot be used" in said:
        return "install libfuse3 (Debian: apt-get install fuse3)"
    if "/dev/fuse" in said and "denied" in said:
        return "let the bots' user open /dev/fuse (mode 0666, as distributions have it), or run as root"
    if not Path("/dev/fuse").exists():
        return "modprobe fuse, or give the container the device /dev/fuse"
    if os.geteuid() != 0:
        return "run as root (stress_become: true), or install fusermount3 (Debian: apt-get install fuse3)"
    return "root with CAP_SYS_ADMIN, /dev/fuse, and a security module or container that allows mount(2)"


def undo(site: Site, place: str, source: str) -> tuple[UndoNeeded, ...]:
    """One record. In a namespace that is gone there is nothing to undo, which looking tells."""
    if not system.HAS_FUSE:
        return ()
    return (UndoNeeded("unmount", {"target": site.places[place], "source": source}),)


def put(site: Site, order: Order, place: str) -> FuseMount:
    """Mount it in the place of the folder; the engine looks below from then on. Raises OSError."""
    if not system.HAS_FUSE:
        raise OSError("there is no FUSE as Linux has it")
    if os.geteuid() == 0 and not site.isolation.private_mounts:
        raise OSError("the arena has no mount namespace of its own: others would see the file system")
    below = os.open(order.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        mounted = FuseMount(order)
    except BaseException:
        os.close(below)
        raise
    site.isolation.underneath.cover(place, below, mounted)
    return mounted
