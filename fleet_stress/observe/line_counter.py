"""Counts the new lines of a bot's log or output that match a pattern."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from fleet_stress.store.bare_python.no_links import open_regular

_CHUNK = 1 << 20
#: Bytes that are kept of a line that does not end.
_LONGEST = 1 << 16
#: Bytes that are read at one look, and of how many the middle is left out.
_MOST, _BACKLOG = 16 << 20, 256 << 20


class NewLines:
    """Counts whole matching lines that are written after it was made. Close it with ``close``."""

    def __init__(
        self, path: Path, pattern: str | Callable[[bytes], object], *, also_before: bool = False
    ) -> None:
        """``path`` need not exist yet; lines that it has already do not count, unless they shall (``also_before``)."""
        self._path = path
        self._matches = re.compile(pattern.encode()).search if isinstance(pattern, str) else pattern
        self._descriptor, self._rest = self._open(), b""
        if self._descriptor is not None and not also_before:
            os.lseek(self._descriptor, 0, os.SEEK_END)

    def more(self) -> tuple[int, float]:
        """How many there are since the last call, and when the file last changed (epoch seconds).

        A rotated file is read to its end first; a truncated file is read from its beginning.
        """
        count, changed = self._read()
        if self._moved_on():
            self.close()
            self._descriptor, self._rest = self._open(), b""
            later, changed_later = self._read()
            count, changed = count + later, max(changed, changed_later)
        return count, changed

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int | None:
        try:
            return open_regular(self._path, os.O_RDONLY)
        except OSError:
            return None

    def _read(self) -> tuple[int, float]:
        if self._descriptor is None:
            return 0, 0.0
        status = os.fstat(self._descriptor)
        if status.st_size < os.lseek(self._descriptor, 0, os.SEEK_CUR):
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        count, most = 0, _MOST
        if (
            status.st_size - os.lseek(self._descriptor, 0, os.SEEK_CUR) > _BACKLOG
        ):  # a hole, or hours of a flood
            os.lseek(self._descriptor, -_MOST, os.SEEK_END)
            self._rest = b""
        while most > 0 and (data := os.read(self._descriptor, _CHUNK)):
            most -= len(data)
            *lines, rest = (self._rest + data).split(b"\n")
            self._rest = rest[-_LONGEST:]
            count += sum(1 for line in lines if self._matches(line))
        return count, os.fstat(self._descriptor).st_mtime

    def _moved_on(self) -> bool:
        """Whether the name leads to another file now."""
        try:
            now = os.lstat(self._path)
        except OSError:
            return False
        if self._descriptor is None:
            return True
        held = os.fstat(self._descriptor)
        return (now.st_ino, now.st_dev) != (held.st_ino, held.st_dev)
