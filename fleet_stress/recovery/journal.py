"""The journal of a run: an append-only file of JSON lines, which progress, re-attachment and recovery read.

Several processes of one run append to the same file. Each line is one ``write`` to a descriptor
opened with O_APPEND, so lines do not mix (write(2)). A line that a death or a full disk cut short is ended by
the leading newline of the next one, and readers skip it: a journal is readable up to its last whole line. They skip
as well what no process of ours has written: holes (a damaged file may seem to have petabytes), and lines without end.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress.store.atomic import sync_folder
from fleet_stress.store.bounded_read import from_json

_CHUNK = 1 << 20
#: Bytes of the longest line that is read; ours are some hundred to some thousand.
LONGEST_LINE = 4 << 20
#: lseek(2) to the next byte that is no hole; None: this system has no such thing.
_SEEK_DATA = getattr(os, "SEEK_DATA", None)


class Journal:
    """Appends to a run's journal in the name of one process (``who``)."""

    def __init__(self, path: Path, who: str) -> None:
        self.path = path
        self.who = who
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        #: All lines of this process come after this byte.
        self.begins = os.fstat(self._descriptor).st_size

    def write(self, what: str, *, durable: bool = False, **details: Any) -> None:
        """Append one line; ``durable``: return only once it is on disk (as for undo records).

        Raises OSError when the line could not be written whole.
        """
        line = json.dumps({"at": time.time(), "who": self.who, "what": what, **details})
        # The leading newline: the line of another process may have been cut short.
        data = f"\n{line}\n".encode()
        written = os.write(self._descriptor, data)
        if written < len(data):
            message = f"only {written} of {len(data)} bytes of a line were written"
            raise OSError(errno.ENOSPC, message, str(self.path))
        if durable:
            os.fsync(self._descriptor)
            sync_folder(self.path.parent)

    def close(self) -> None:
        """Close the file; later writes fail."""
        os.close(self._descriptor)


def read(path: Path, offset: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
    """Whole lines from byte ``offset`` on: (offset after the line, the line's object).

    A last line without a newline is not yet whole and is left for the next call; a line that is not a
    JSON object, or is longer than ``LONGEST_LINE``, is skipped.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return
        for after, line in _lines(descriptor, offset):
            if not line:  # each of ours begins with a newline
                continue
            try:
                entry = from_json(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield after, entry
    finally:
        os.close(descriptor)


def _lines(descriptor: int, offset: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines that are not too long, each with the offset after it. What lies in holes is not read."""
    position, rest, too_long = offset, b"", False
    while True:
        begins = _next_data(descriptor, position)
        if begins is None or not (data := os.pread(descriptor, _CHUNK, begins)):
            return
        if begins > position:  # the zeros of a hole belong to the line that it is in
            rest, too_long = b"", True
        *whole, last = data.split(b"\n")
        position = begins
        for piece in whole:
            position += len(piece) + 1
            if not too_long:
                yield position, rest + piece
            rest, too_long = b"", False
        position = begins + len(data)
        rest += last
        if len(rest) > LONGEST_LINE:
            rest, too_long = b"", True


def _next_data(descriptor: int, position: int) -> int | None:
    """Where the next byte is that is in no hole; None: there is none."""
    if _SEEK_DATA is None:
        return position
    try:
        return os.lseek(descriptor, position, _SEEK_DATA)
    except OSError as problem:
        return None if problem.errno == errno.ENXIO else position  # a file system need not know of holes


def entries(path: Path, what: str | None = None) -> list[dict[str, Any]]:
    """All whole lines of a journal, or those of one kind."""
    return [entry for _, entry in read(path) if what is None or entry.get("what") == what]
