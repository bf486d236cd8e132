"""State on disk. A crash at any point leaves the old content or the new one, never half of one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from trader import sane

#: Our own files stay far below; a larger one is not ours. In bytes.
LARGEST = 10_000_000
#: So long a save waits for another bot on the same folder, in seconds.
PATIENCE = 5.0


class Document:
    """A JSON document on disk, with or without a backup of the content before."""

    def __init__(
        self,
        path: Path,
        belongs_here: Callable[[Any], bool],
        warn: Callable[[str], None],
        backup: Path | None = None,
    ) -> None:
        """``belongs_here`` tells whether something that was read is what this document holds."""
        self.path = path
        self._backup = backup
        self._belongs_here = belongs_here
        self._warn = warn
        #: What the next save puts into the backup: content that we know to be good, because we have read and
        #: checked it or have written it. Never what just stands there: that may have been corrupted since.
        self._good: bytes | None = None

    def load(self) -> Any:
        """The document; its backup where it is missing or bad; None where both are. Never raises."""
        for path in (self.path, self._backup):
            if path is None:
                continue
            try:
                content = _read(path)
                document = sane.parse(content)
                if not self._belongs_here(document):
                    raise ValueError("holds JSON, but not what belongs there")
            except (OSError, ValueError) as problem:
                self._warn(f"{path.name} cannot be used: {problem}")
                continue
            if path is self._backup:
                self._warn(f"going on from {path.name}")
            self._good = content
            return document
        return None

    def save(self, document: Any) -> None:
        """Replace the document. Raises OSError; then the content before still stands."""
        content = json.dumps(document).encode() + b"\n"
        if self._backup is not None and self._good is not None:
            self._replace(self._backup, self._good)
        self._replace(self.path, content)
        self._good = content

    def _replace(self, path: Path, content: bytes) -> None:
        """Write it beside, make it durable, put it in place in one step, make the name durable.

        What is beside always has the same name, so whatever a kill leaves there the next save takes away.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".tmp")
        with _alone(path.parent) as folder:
            try:
                with beside.open("wb") as stream:
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                self._make_way(path)
                beside.replace(path)
            except OSError:
                beside.unlink(missing_ok=True)  # on a full disk the half that was written is in the way
                raise
            os.fsync(folder)

    def _make_way(self, path: Path) -> None:
        """A file cannot replace a folder. We did not make it, so we do not delete it."""
        if path.is_dir() and not path.is_symlink():
            aside = path.with_name(f"{path.name}.folder-{time.time_ns()}")
            path.rename(aside)
            self._warn(f"a folder stood in the place of {path.name}; it is now {aside.name}")


def _read(path: Path) -> bytes:
    """The bytes of a file. Raises OSError or ValueError with a reason to print."""
    if not path.exists():
        raise ValueError("a link to nowhere" if path.is_symlink() else "it is not there")
    if not path.is_file():
        raise ValueError("not a file")  # reading a pipe, for one, might never end
    if path.stat().st_size > LARGEST:
        raise ValueError(f"larger than {LARGEST} bytes")
    return path.read_bytes()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[int]:
    """While nobody else writes to a folder: somebody may have started a second bot on it by mistake.

    Yields a descriptor of the folder. The lock is the kernel's and goes with its holder, so a kill leaves none
    behind. Raises TimeoutError when the other one does not let go.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"another bot has held {folder} for {PATIENCE:g} s") from None
                time.sleep(0.002)
            except OSError:  # a file system without locks (NFS has none for folders): then there are none
                break
        yield descriptor
    finally:
        os.close(descriptor)
