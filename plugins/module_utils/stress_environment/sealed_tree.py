"""Takes a finished environment from whoever built it."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def seal(path: Path) -> None:
    """Give the tree to us, readable for all and writable for nobody else. Links are never followed.

    A folder before what is in it: whoever built it can then put nothing else under a name that we looked at.
    """
    os.chown(path, os.geteuid(), os.getegid())
    path.chmod(0o755)
    for _, folders, names, descriptor in os.fwalk(path):
        for name in (*folders, *names):
            os.chown(name, os.geteuid(), os.getegid(), dir_fd=descriptor, follow_symlinks=False)
            mode = os.lstat(name, dir_fd=descriptor).st_mode
            if not stat.S_ISLNK(mode):
                os.chmod(name, 0o755 if stat.S_ISDIR(mode) or mode & 0o100 else 0o644, dir_fd=descriptor)
