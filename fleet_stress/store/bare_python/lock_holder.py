"""Advisory locks that their holder's death releases (flock(2)), and who holds one (``recovery/host_lock.py``)."""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Name of the file below the stress folder that a run, or a recovery, locks.
HOST_LOCK = "lock"
#: The same of who hands a plan over, or removes what runs have left.
MOVE_LOCK = "move.lock"
#: Seconds for a holder that is about to end; and between two tries.
MOMENT, _LOOK = 2.0, 0.02


class Busy(Exception):
    """Another holds the lock; ``holder`` is what it wrote about itself."""

    def __init__(self, holder: dict[str, Any]) -> None:
        doing = holder.get("doing", "using this host")
        who = f"run {holder['run_id']} (pid {holder.get('pid', '?')})" if "run_id" in holder else None
        anybody = f"process {holder.get('pid', '?')}"
        super().__init__(f"{who or anybody} has been {doing} since {holder.get('since', '?')}")
        self.holder = holder


class FileLock:
    """A lock, held from construction until ``release`` or the process's death."""

    def __init__(self, path: Path, about: Mapping[str, Any], within: float = MOMENT) -> None:
        """Take the lock, or raise Busy with what its holder wrote. Raises OSError.

        Args:
            path: The lock file, made if missing; it serves for nothing else.
            about: Who holds it: a run's ``run_id``, or what another process is ``doing``.
            within: Seconds to wait for a holder that is about to end.
        """
        self._path = path
        self._descriptor = self._open()
        # Asking for the holder takes a shared lock for a moment, so wait a little.
        deadline = time.monotonic() + within
        while not self._try():
            if time.monotonic() >= deadline:
                holder = about_holder(self._descriptor)
                os.close(self._descriptor)
                raise Busy(holder)
            time.sleep(_LOOK)
        os.ftruncate(self._descriptor, 0)
        since = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        words = {"pid": os.getpid(), "since": since, **about}
        os.pwrite(self._descriptor, json.dumps(words).encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        # Whoever held it may have removed the file, and others lock the one that is there now.
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(self._descriptor), self._path.lstat()):
                return True
        os.close(self._descriptor)
        self._descriptor = self._open()
        return False

    def _open(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def release(self) -> None:
        """Release the lock."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def holder_of(path: Path) -> dict[str, Any] | None:
    """What the holder of a lock wrote about itself; None when it is free. Raises OSError where we may not look."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return about_holder(descriptor)
    finally:
        os.close(descriptor)
    return None


def about_holder(descriptor: int) -> dict[str, Any]:
    """What is written in an open lock file; empty where its holder has not come to write it."""
    try:
        words = json.loads(os.pread(descriptor, 65536, 0))
    except (ValueError, RecursionError):
        return {}
    return words if isinstance(words, dict) else {}
