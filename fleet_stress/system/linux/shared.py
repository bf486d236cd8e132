"""Linux: folders that everybody may write to, beside those for temporary files (hier(7), file-hierarchy(7))."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["world_writable_folders"]

#: Where systems and packages have them: /run/lock, /var/crash, /dev/mqueue, /run/screen, /var/spool/samba, …
_ABOVE = ("/dev", "/run", "/var", "/var/cache", "/var/lib", "/var/log", "/var/spool")


def world_writable_folders() -> list[Path]:
    """Those of this host, where they usually are. Links are left out: what they lead to is found itself."""
    found = []
    for above in _ABOVE:
        try:
            entries = list(os.scandir(above))
        except OSError:
            continue
        for entry in entries:
            try:
                mode = entry.stat(follow_symlinks=False).st_mode
            except OSError:
                continue
            if stat.S_ISDIR(mode) and mode & stat.S_IWOTH and os.path.realpath(entry.path) == entry.path:
                found.append(Path(entry.path))
    return sorted(found)
