"""The folders that rules are for, and which of them a call is about: by the path or descriptor that it was given."""

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

#: Rules are for the bot, and whoever runs this is the bot.
_BOT = 0
#: Seconds between two looks at whether the order still stands.
_LOOK = 0.05
#: fcntl(2) of macOS: the path of what a descriptor is of.
_F_GETPATH, _MAXPATHLEN = 50, 1024
#: For a larger write(2) the kernel asks the faulty file system in pieces of so many bytes (256 pages, Linux): so it is
#: done here, and a bot can be killed between two of them.
PIECE = 1 << 20


class _Standing:
    """Whether an order still stands: its file is there. With the interface of an event that tells the opposite."""

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
    """One folder, with its rules."""

    _rules: SharedRules

    def __init__(self, order: Mapping[str, Any], standing: str) -> None:
        """``order``: as ``standing_in.py`` writes it, to the file ``standing``. Raises OSError, ValueError."""
        self.folder: str = order["folder"]
        lock = Lock(order["counts"])
        super().__init__(
            SharedRules(order["rules"], order["counts"], lock),
            SharedRecord(order["figures"], order["log"], order["began"], lock),
            _BOT,
        )
        self._off: Any = _Standing(standing)
        self._inside = threading.local()

    @property
    def over(self) -> bool:
        """Whether the order does not stand any more: all passes, and nothing is written down."""
        return bool(self._off.is_set())

    @property
    def inside(self) -> bool:
        """Whether this thread is in an operation that is seen."""
        return bool(getattr(self._inside, "depth", 0))

    @contextlib.contextmanager
    def operation(self, name: str, paths: Sequence[str], size: int = 0) -> Iterator[Operation]:
        """Around one operation of this process."""
        self._inside.depth = getattr(self._inside, "depth", 0) + 1
        try:
            with self.on(name, paths, Caller(_BOT, 0, system.getpid()), size) as one:
                yield one
        finally:
            self._inside.depth -= 1

    def write(self, path: str, data: memoryview, put: Callable[[memoryview], int]) -> int:
        """Write in pieces; returns how much was. Raises OSError when nothing was."""
        done = 0
        while done < len(data):
            piece = data[done : done + PIECE]
            try:
                with self.operation("write", [path], len(piece)) as one:
                    put_now = put(piece[: one.most])
                    one.done(put_now)
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
        """A process that is killed while it waits here is gone at once."""
        del caller
        while (left := until - time.monotonic()) > 0 and not self.over:
            time.sleep(min(left, _LOOK))


class Spot(NamedTuple):
    """A file or a name in a folder: where it really is, and its path as rules and log have it."""

    watched: Watched
    path: str
    real: str

    def status(self) -> os.stat_result | None:
        """What is there, be it a link; None: nothing."""
        try:
            status: os.stat_result = system.lstat(self.real)
        except OSError:
            return None
        return status

    def may_be_made(self) -> bool:
        """Whether nothing is there and the kernel would ask the file system to make something."""
        return self.status() is None and self.may_change()

    def may_go(self, folder: bool) -> bool:
        """Whether the kernel would ask it to remove or move a name, of a folder or not."""
        status = self.status()
        return status is not None and stat.S_ISDIR(status.st_mode) is folder and self.may_change()

    def may_change(self) -> bool:
        """Whether the names in the folder around it may be changed."""
        return bool(system.access(os.path.dirname(self.real), os.W_OK | os.X_OK))


class Folders:
    """All of them."""

    def __init__(self, folder: str) -> None:
        """Of the orders in ``folder/orders``. Raises OSError, ValueError."""
        self.place = folder
        orders = os.path.join(folder, "orders")
        self.watched: list[Watched] = []
        for name in sorted(system.listdir(orders)):
            standing = os.path.join(orders, name)
            with open(standing, encoding="utf-8") as stream:
                self.watched.append(Watched(json.load(stream), standing))

    @property
    def inside(self) -> bool:
        """Whether this thread is in an operation that is seen."""
        return any(one.inside for one in self.watched)

    def at(self, path: Any, *, follow: bool = True, folder: int | None = None) -> Spot | None:
        """Where a path leads, as a call would follow it; None: to none of the folders, or it is no path.

        ``follow``: a link at its end, too. ``folder``: a descriptor that a relative path begins at.
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
        """What a descriptor is of, by the name that it has now."""
        try:
            return self._spot(self._path_of(descriptor))
        except (OSError, ValueError, OverflowError):
            return None

    def _spot(self, real: str) -> Spot | None:
        for one in self.watched:
            if (real == one.folder or real.startswith(one.folder + "/")) and not one.over:
                return Spot(one, real[len(one.folder) + 1 :] or ".", real)
        return None

    @staticmethod
    def _path_of(descriptor: int) -> str:
        if sys.platform == "darwin":
            import fcntl

            told = fcntl.fcntl(descriptor, _F_GETPATH, bytes(_MAXPATHLEN))
            return os.fsdecode(told.rstrip(b"\0"))
        path = str(system.readlink(f"/proc/self/fd/{descriptor}"))
        # As proc_pid_fd(5) tells of a file that has no name any more.
        return path[: -len(" (deleted)")] if path.endswith(" (deleted)") else path


def named(problem: OSError, *names: Any) -> OSError:
    """An error of a rule's, with the names that a call's own would have."""
    if problem.filename is None and problem.errno != errno.EINTR and names:
        shown = [os.fspath(one) if isinstance(one, os.PathLike) else one for one in names]
        problem.filename = shown[0]
        if len(shown) > 1:
            problem.filename2 = shown[1]
    return problem
