"""The one function that deletes: only below a folder that carries our marker file (principle 7)."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from fleet_stress.store.shipped.marks import MARKER, owner_of

#: How often a tree is tried that another process is removing as well.
_ATTEMPTS = 20


class NotOurs(Exception):
    """A caller asked to delete a path that is not below a folder of ours."""


def remove_tree(path: Path) -> None:
    """Delete ``path`` and all below it; repeatable. Raises NotOurs outside a marked folder."""
    if not os.path.lexists(path):
        return
    if owner_of(path) is None:
        raise NotOurs(f"{path}: not deleted, no folder above it carries {MARKER}")
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    for _ in range(_ATTEMPTS):
        try:
            shutil.rmtree(path)
            return
        except FileNotFoundError:  # somebody else removes the same tree: look again
            if not os.path.lexists(path):
                return


def named(folder: Path, prefix: str) -> list[Path]:
    """What is in a folder under names that begin so; nothing where there is no folder, or a link to one."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.startswith(prefix)]


def remove_named(folder: Path, prefix: str) -> None:
    """Delete what is in a folder under names that begin so; repeatable. Raises NotOurs as ``remove_tree``."""
    for path in named(folder, prefix):
        remove_tree(path)


def put_back(away: Path, home: Path) -> None:
    """Move what was moved ``away`` back ``home``; repeatable. Raises OSError.

    What stands at home meanwhile goes beside what was away: it is no less somebody's.
    """
    if not os.path.lexists(away):
        return
    if os.path.lexists(home):
        home.rename(away.with_name(f"{away.name}.meanwhile-{time.time_ns()}"))
    away.rename(home)
