"""Linux: folders that everybody may write to, beside those for temporary files (hier(7), file-hierarchy(7))."""

from __future__ import annotations

import os
import stat
from pathlib import Path

__all__ = ["folders_to_shadow", "world_writable_folders"]

#: Those that are for whatever anybody leaves there: no program looks in them for what others have made.
_FOR_LOCKS_AND_DUMPS = ("/dev/mqueue", "/run/lock", "/run/shm", "/var/crash", "/var/lock")
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


def folders_to_shadow() -> list[Path]:
    """Those of them that a bot can do without as they are: for locks and dumps, or with nothing in them.

    In any other one somebody keeps what a bot may need: data that an operator has put there, the socket of a server.
    """
    return [
        folder
        for folder in world_writable_folders()
        if str(folder) in _FOR_LOCKS_AND_DUMPS or _is_empty(folder)
    ]


def _is_empty(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:  # gone meanwhile
        return False
