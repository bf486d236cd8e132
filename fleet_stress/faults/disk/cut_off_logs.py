"""Logs whose last line a full disk has cut off: who appends meets the end of its last block and says nothing of it.

A write that does not fit is a short one: what fits into its last block is there, the rest is not (write(2)).
So a log that has grown to the end of a block, and ends in the middle of a line, has met the full disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from fleet_stress.observe import bot_files
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.observe.rotated_logs import LogFamilies
from fleet_stress.store.bare_python import no_links


class CutOffLogs:
    """The text logs in some folders: made when their disk is full, and looked at from then on."""

    def __init__(self, logs: Iterable[Tracked], folders: Iterable[Path]) -> None:
        self._families = LogFamilies({log.key: log.rotated for log in logs})
        self._folders = list(folders)
        self._before = {key: path.lstat().st_size for key, path in self._paths()}
        self._found: list[str] = []

    def found(self) -> list[str]:
        """Their keys; a log that was cut off stays one."""
        for key, path in () if self._found else self._paths():
            try:
                status = path.lstat()
            except OSError:
                continue
            size, block = status.st_size, status.st_blksize or 4096
            at_an_end = size > self._before.get(key, 0) and size % block == 0
            if at_an_end and bot_files.read_tail(path, 1) not in (None, b"", b"\n"):
                self._found.append(key)
        return self._found

    def _paths(self) -> list[tuple[str, Path]]:
        return [
            (f"{folder.name}/{name}", folder / name)
            for folder in self._folders
            for name in no_links.names(folder)
            if self._families.holds(f"{folder.name}/{name}")
        ]
