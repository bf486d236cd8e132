"""What a bot writes outside its state and log folders, which is a finding (principle 5)."""

from __future__ import annotations

import fnmatch
import itertools
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.observe import bot_files

#: Python's own cache of compiled modules is not the bot's doing.
INTERPRETER_CACHE = "__pycache__"

#: Of each folder so many files are looked at, and so many that were written are told.
_MOST_LOOKED_AT, MOST_TOLD = 200_000, 1_000

_Stamp = tuple[int, int]


class StrayWrites:
    """Remembers the bot's private folders at the beginning; lists afterwards what is new or changed."""

    def __init__(self, folders: Mapping[str, Path], allowed: Sequence[str]) -> None:
        """``folders`` by their name in evidence (``bot``, ``home``, ``tmp``); ``allowed``: globs in bot."""
        self._folders = dict(folders)
        self._allowed = tuple(allowed)
        self._before = {name: _stamps(folder) for name, folder in self._folders.items()}

    def written(self, own: Sequence[Path] = ()) -> list[dict[str, Any]]:
        """Files that are new or changed; ``own`` are files that the arena itself asked for."""
        ours = {str(path) for path in own}
        found = []
        for name, folder in self._folders.items():
            before = self._before[name]
            for relative, stamp in _stamps(folder).items():
                if before.get(relative) == stamp or str(folder / relative) in ours:
                    continue
                if INTERPRETER_CACHE in Path(relative).parts:
                    continue
                found.append(
                    {
                        "path": f"{name}/{relative}",
                        "size": stamp[1],
                        "change": "changed" if relative in before else "new",
                        "allowed": name == "bot" and self._may_write(relative),
                    }
                )
        return _not_too_many(found)

    def _may_write(self, relative: str) -> bool:
        return any(fnmatch.fnmatchcase(relative, pattern) for pattern in self._allowed)


def written_to_shared(uid: int, since: float) -> list[dict[str, Any]]:
    """Files of one user in the temporary folders of the system that changed after ``since`` (epoch seconds)."""
    found = []
    for folder in temporary(uid):
        for path, status in bot_files.regular_files(folder):
            if status.st_uid == uid and stat.S_ISREG(status.st_mode) and status.st_mtime >= since:
                found.append({"path": str(path), "size": status.st_size, "change": "new", "allowed": False})
                if len(found) >= _MOST_LOOKED_AT:
                    return _not_too_many(found)
    return _not_too_many(found)


def _not_too_many(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that its profile does not allow first: one of them is a finding."""
    return sorted(found, key=lambda file: bool(file["allowed"]))[:MOST_TOLD]


def temporary(uid: int) -> list[Path]:
    """The folders that a user's programs may write to, if an arena could not give it its own."""
    known = [*system.SHARED_FOLDERS, *system.world_writable_folders(), *system.user_temporary_folders(uid)]
    return list(dict.fromkeys(known))


def _stamps(folder: Path) -> dict[str, _Stamp]:
    return {
        os.path.relpath(path, folder): (status.st_mtime_ns, status.st_size)
        for path, status in itertools.islice(bot_files.regular_files(folder), _MOST_LOOKED_AT)
    }
