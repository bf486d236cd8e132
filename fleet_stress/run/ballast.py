"""Room on the disk that is ours to give back: a full disk must not keep us from writing down what is undone."""

from __future__ import annotations

import os
from pathlib import Path

#: All verdicts and undone lines of a run are far below. Bytes.
SIZE = 4 * 1024 * 1024


class Ballast:
    """A file that does nothing but take room."""

    def __init__(self, path: Path) -> None:
        """Take the room. Raises OSError where there is none: then nothing should be begun."""
        self._path = path
        with path.open("wb") as stream:
            stream.write(os.urandom(SIZE))  # zeros take no room on every file system
            stream.flush()
            os.fsync(stream.fileno())

    def drop(self) -> bool:
        """Give the room back; False where that was done before."""
        there = self._path.exists()
        self._path.unlink(missing_ok=True)
        return there
