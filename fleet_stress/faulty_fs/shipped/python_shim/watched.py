"""The folders that have rules, and which of them a call is about, by its path or descriptor."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.faulty_fs.shipped.effects import Caller, Effects, Operation
from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.python_shim.shared import Lock, SharedRecord, SharedRules

#: Rules apply to the bot, and only the bot runs this.
_BOT = 0
#: Seconds between two checks whether the order is still active.
_LOOK = 0.05
#: fcntl(2) of macOS: the path of an open descriptor.
_F_GETPATH, _MAXPATHLEN = 50, 1024
#: The kernel splits a larger write(2) to the faulty file system into pieces of so many bytes (256 pages, Linux). The
#: shim does the same, so a bot can be killed between two of them.
PIECE = 1 << 20


class ShimOrder:
    """An order, active as long as its file exists. Its interface is that of an event that is set when it is over."""

    def __init__(self, path: str) -> None:
        self._path = path

    def is_set(self) -> bool:
        """Whether it is over."""
        try:
            system.stat(self._path)
        except OSError:
            return True
        return False


class Watched(Effects):
    """One folder with its rules."""

    _rules: SharedRules

    def __init__(self, order: Mapping[str, Any], order_file: str) -> None:
        """``order``: what ``faulty_fs/shim.py`` wrote to ``order_file``. Raises OSError, ValueError."""
        self.folder: str = order["folder"]
        lock = Lock(order["counts"])
        super().__init__(
            SharedRules(order["rules"], order["counts"], lock),
            SharedRecord(order["figures"], order["log"], order["began"], lock),
            _BOT,
        )
        self._off: Any = ShimOrder(order_file)
        self._inside = threading.local()

    @property
    def over(self) -> bool:
        """Whether the order is no longer active: every operation passes, and nothing is recorded."""
        return bool(self._off.is_set())

    @property
    def inside(self) -> bool:
        """Whether this thread is within a watched operation."""
        return bool(getattr(self._inside, "depth", 0))

    @contextlib.contextmanager
    def operation(self, name: str, paths: Sequence[str], size: int = 0) -> Iterator[Operation]:
        """Wraps one operation of this process."""
        self._inside.depth = getattr(self._inside, "depth", 0) + 1
        try:
            with self.on(name, paths, Caller(_BOT, 0, system.getpid()), size) as operation:
                yield operation
        finally:
            self._inside.depth -= 1

    def write(self, path: str, data: memoryview, put: Callable[[memoryview], int]) -> int:
        """Write in pieces; returns how much was written. Raises OSError if nothing was."""
        done = 0
        while done < len(data):
            piece = data[done : done + PIECE]
            try:
                with self.operation("write", [path], len(piece)) as operation:
                    put_now = put(piece[: operation.most])
                    operation.done(put_now)
            except OSError:
                if done:
                    break
                raise
            done += put_now
            if put_now < len(piece):
                break
        return done

    @property
    def _frozen_until(self) -> float:
        return self._rules.frozen_until

    @_frozen_until.setter
    def _frozen_until(self, until: float) -> None:
        self._rules.freeze(until)

    def _wait(self, until: float, caller: Caller) -> None:
        """A process that is killed while it waits here is gone at once, so it is not checked for."""
        del caller
        while (left := until - time.monotonic()) > 0 and not self.over:
            time.sleep(min(left, _LOOK))


class Spot(NamedTuple):
    """A file or a name in a watched folder: its real path, and its path in rules and log."""

    watched: Watched
    path: str
    real: str

    def status(self) -> os.stat_result | None:
        """Its lstat(2); None: nothing is there."""
        try:
            status: os.stat_result = system.lstat(self.real)
        except OSError:
            return None
        return status

    def may_be_made(self) -> bool:
        """Whether nothing is there, and the kernel would ask the file system to create something."""
        return self.status() is None and self.may_change()

    def may_go(self, folder: bool) -> bool:
        """Whether the kernel would ask the file system to remove or move this name."""
        status = self.status()
        return status is not None and stat.S_ISDIR(status.st_mode) is folder and self.may_change()

    def may_change(self) -> bool:
        """Whether names in its folder may be changed."""
        return bool(system.access(os.path.dirname(self.real), os.W_OK | os.X_OK))


class Folders:
    """All watched folders."""

    def __init__(self, folder: str) -> None:
        """Reads the orders in ``folder/orders``. Raises OSError, ValueError."""
        self.place = folder
        orders = os.path.join(folder, "orders")
        self.watched: list[Watched] = []
        for name in sorted(system.listdir(orders)):
            order_file = os.path.join(orders, name)
            with open(order_file, encoding="utf-8") as stream:
                self.watched.append(Watched(json.load(stream), order_file))

    @property
    def inside(self) -> bool:
        """Whether this thread is within a watched operation."""
        return any(watched.inside for watched in self.watched)

    def at(self, path: Any, *, follow: bool = True, folder: int | None = None) -> Spot | None:
        """Where a path leads, as a call would follow it; None: to none of the folders, or it is not a path.

        ``follow``: also a link at its end. ``folder``: the descriptor that a relative path starts from.
        """
        if isinstance(path, int):
            return self.of(path)
        try:
            text = os.fsdecode(path)
            if not os.path.isabs(text):
                base = system.getcwd() if folder is None else self._path_of(folder)
                text = os.path.join(base, text)
            head, name = os.path.split(text.rstrip("/"))
            if follow or name in ("", ".", ".."):
                real = os.path.realpath(text)
            else:
                real = os.path.join(os.path.realpath(head), name)
        except (TypeError, ValueError, OSError):
            return None
        return self._spot(real)

    def of(self, descriptor: int) -> Spot | None:
        """The file of a descriptor, by its present name."""
        try:
            return self._spot(self._path_of(descriptor))
        except (OSError, ValueError, OverflowError):
            return None

    def _spot(self, real: str) -> Spot | None:
        for watched in self.watched:
            folder = watched.folder
            if (real == folder or real.startswith(folder + "/")) and not watched.over:
                return Spot(watched, real[len(folder) + 1 :] or ".", real)
        return None

    @staticmethod
    def _path_of(descriptor: int) -> str:
        if sys.platform == "darwin":
            import fcntl

            name = fcntl.fcntl(descriptor, _F_GETPATH, bytes(_MAXPATHLEN))
            return os.fsdecode(name.rstrip(b"\0"))
        path = str(system.readlink(f"/proc/self/fd/{descriptor}"))
        # proc_pid_fd(5): a file that has no name any more.
        return path[: -len(" (deleted)")] if path.endswith(" (deleted)") else path


def add_names(problem: OSError, *names: Any) -> OSError:
    """Give a rule's error the file names that the call's own error would have."""
    if problem.filename is None and problem.errno != errno.EINTR and names:
        shown = [os.fspath(name) if isinstance(name, os.PathLike) else name for name in names]
        problem.filename = shown[0]
        if len(shown) > 1:
            problem.filename2 = shown[1]
    return problem
