"""The one function that deletes: only below a folder that carries our marker file (principle 7)."""

from __future__ import annotations

import os
import time
from pathlib import Path

from fleet_stress.store.bare_python import flat_removal
from fleet_stress.store.bare_python.marks import MARKER, owner_of
from fleet_stress.store.bare_python.no_links import opened_folder


class NotOurs(Exception):
    """A caller asked to delete a path that is not below a folder of ours."""


def remove_tree(path: Path) -> None:
    """Delete ``path`` and all below it, however deep; repeatable. Follows no link.

    Raises NotOurs outside a marked folder, and OSError.
    """
    if not os.path.lexists(path):
        return
    if owner_of(path) is None:
        raise NotOurs(f"{path}: not deleted, no folder above it carries {MARKER}")
    try:
        with opened_folder(Path(os.path.realpath(path.parent))) as folder:
            flat_removal.remove_at(path.name, folder)
    except FileNotFoundError:  # its folder went as well, meanwhile
        return


def named(folder: Path, prefix: str) -> list[Path]:
    """The entries of a folder whose names begin with ``prefix``; empty if it is missing or a link."""
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.name.startswith(prefix)]


def remove_named(folder: Path, prefix: str) -> None:
    """Delete the entries of a folder whose names begin with ``prefix``; repeatable. Raises NotOurs."""
    for path in named(folder, prefix):
        remove_tree(path)


def put_back(away: Path, home: Path) -> None:
    """Move what was moved ``away`` back ``home``; repeatable. Raises OSError.

    What has appeared at ``home`` meanwhile is kept beside ``away``: it belongs to somebody, too.
    """
    if not os.path.lexists(away):
        return
    if os.path.lexists(home):
        home.rename(away.with_name(f"{away.name}.meanwhile-{time.time_ns()}"))
    away.rename(home)
