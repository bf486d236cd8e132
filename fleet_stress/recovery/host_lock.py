"""One run at a time on a host, and one recovery: an advisory lock that its holder's death releases (flock(2))."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.store import timestamps
from fleet_stress.store.bare_python.lock_holder import HOST_LOCK, about_holder
from fleet_stress.store.bare_python.lock_holder import holder_of as holder_of
from fleet_stress.store.deadline import wait_until

_MOMENT = 2.0


class Busy(Exception):
    """Another run holds the host; ``holder`` is what it wrote about itself."""

    def __init__(self, holder: dict[str, Any]) -> None:
        doing = holder.get("doing", "using this host")
        who = f"run {holder['run_id']} (pid {holder.get('pid', '?')})" if "run_id" in holder else None
        anybody = f"process {holder.get('pid', '?')}"
        super().__init__(f"{who or anybody} has been {doing} since {holder.get('since', '?')}")
        self.holder = holder


class FileLock:
    """A lock, held from construction until ``release`` or the process's death."""

    def __init__(self, path: Path, about: Mapping[str, Any], within: float = _MOMENT) -> None:
        """Take the lock, or raise Busy with what its holder wrote.

        Args:
            path: The lock file, made if missing; it serves for nothing else.
            about: Who holds it: a run's ``run_id``, or what another process is ``doing``.
            within: Seconds to wait for a holder that is about to end.
        """
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # Asking for the holder takes a shared lock for a moment, so wait a little.
        if not wait_until(self._try, within, 0.02):
            holder = about_holder(self._descriptor)
            os.close(self._descriptor)
            raise Busy(holder)
        os.ftruncate(self._descriptor, 0)
        words = {"pid": os.getpid(), "since": timestamps.now(), **about}
        os.pwrite(self._descriptor, json.dumps(words).encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def release(self) -> None:
        """Release the lock."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class HostLock(FileLock):
    """The lock of a host."""

    def __init__(self, stress_dir: Path, about: Mapping[str, Any], within: float = _MOMENT) -> None:
        """As ``FileLock``; ``stress_dir``: our folder on the host."""
        super().__init__(stress_dir / HOST_LOCK, about, within)


def holder(stress_dir: Path) -> dict[str, Any] | None:
    """What the holder of the host wrote about itself; None: the host is free."""
    return holder_of(stress_dir / HOST_LOCK)


def run_here(stress_dir: Path) -> dict[str, Any] | None:
    """The same for a run; None also while something else holds the host, such as a recovery."""
    found = holder(stress_dir)
    return found if found is not None and "run_id" in found else None


def holds(stress_dir: Path, run_id: str) -> bool:
    """Whether that run holds the host, which means that its supervisor is alive."""
    return (holder(stress_dir) or {}).get("run_id") == run_id
