"""Where tests have their folders: in memory, where root can mount that. On a disk the kernel spends as long on making
and removing their files as most tests take of their own.

A session mounts a folder of its own. If all its tests pass it takes that away; otherwise the folders of those that
failed stay until the next session, which also removes what a session that was killed has left.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import psutil

#: Outside the shared temporary folders, which a bot has of its own.
PARENT = Path("/var/lib")
PREFIX = "fs-tests-"
#: Bytes of memory that have to be available.
ENOUGH = 4 * 2**30


def mount() -> Path | None:
    """A new folder of this session in memory, closed to nobody; None where that cannot be."""
    if sys.platform != "linux" or os.geteuid() != 0 or psutil.virtual_memory().available < ENOUGH:
        return None
    for old in PARENT.glob(f"{PREFIX}*"):
        if re.fullmatch(r"\d+", pid := old.name.removeprefix(PREFIX)) and not psutil.pid_exists(int(pid)):
            unmount(old)
    folder = PARENT / f"{PREFIX}{os.getpid()}"
    folder.mkdir(mode=0o755, exist_ok=True)
    options = f"mode=0755,size={ENOUGH}"
    if _ran("mount", "-t", "tmpfs", "-o", options, "fleet-stress-tests", folder):
        return folder
    folder.rmdir()
    return None


def unmount(folder: Path) -> None:
    """Take it away, also if something in it is still in use."""
    _ran("umount", "--lazy", folder)
    folder.rmdir()


def for_bots() -> str | None:
    """Where a folder can be reached by the bots' user: for ``tempfile.mkdtemp``."""
    return os.environ.get("FLEET_STRESS_TESTS", str(PARENT)) if os.geteuid() == 0 else None


def _ran(*argv: str | Path) -> bool:
    return subprocess.run(argv, stderr=subprocess.DEVNULL, check=False).returncode == 0
