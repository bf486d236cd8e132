"""The journal of a run: an append-only file of JSON lines, which progress, re-attachment and recovery read.

Several processes of one run append to the same file. Each line is one ``write`` to a descriptor
opened with O_APPEND, so lines do not mix (write(2)). A line that a death or a full disk cut short is ended by
the leading newline of the next one, and readers skip it: a journal is readable up to its last whole line.
"""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_stress.store.atomic import sync_folder


class Journal:
    """Appends to a run's journal in the name of one process (``who``)."""

    def __init__(self, path: Path, who: str) -> None:
        self.path = path
        self.who = who
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)

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
    JSON object is skipped.
    """
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        stream.seek(offset)
        for line in stream:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield offset, entry


def entries(path: Path, what: str | None = None) -> list[dict[str, Any]]:
    """All whole lines of a journal, or those of one kind."""
    return [entry for _, entry in read(path) if what is None or entry.get("what") == what]
