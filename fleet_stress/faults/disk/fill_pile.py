"""How ``fill`` fills: a pile of files, by real writes; and a keeper that keeps full what is full."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Callable

from fleet_stress import system
from fleet_stress.observe import companion_files
from fleet_stress.observe.rotated_logs import LogFamilies
from fleet_stress.store.layout import FILE_PREFIX
from fleet_stress.system import ram_volume

#: From large to one byte: the end of a volume is found by the smallest write that still fits.
_STEPS = (1024 * 1024, 65536, 4096, 512, 64, 8, 1)
#: Seconds between two looks of the keeper, if nothing wakes it before.
_LOOK = 0.02
#: So many different names are in the evidence; a bot that makes up new ones is cut short there.
_NAMES = 50
#: Of so many files sizes are remembered.
_SIZES = 1000


class Pile:
    """Files of ours in one folder. No byte of them can be compressed away or found twice."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = folder, prefix
        self._block = os.urandom(_STEPS[0])
        self._top: int | None = None
        self.files = 0
        self.written = 0
        self.met_enospc = False

    def add(self, size: int) -> bool:
        """One more file of that size; False when ENOSPC came first."""
        left = size
        try:
            self._new()
            while left:
                left -= self._write(min(len(self._block), left))
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
            self.met_enospc = True
        return left == 0

    def fill_until(self, goal: int) -> None:
        """Write on until at most ``goal`` bytes are free; for 0 until no single byte can be written."""
        try:
            if self._top is None:
                self._new()
        except OSError as problem:
            if problem.errno != errno.ENOSPC:
                raise
            self.met_enospc = True  # not even a name: there are no inodes
            return
        for step in _STEPS:
            while True:
                room = ram_volume.figures(self._folder)["free_bytes"] - goal
                if goal and room <= 0:
                    return
                try:
                    self._write(min(step, room) if goal else step)
                except OSError as problem:
                    if problem.errno != errno.ENOSPC:
                        raise
                    self.met_enospc = True
                    break

    def take_names(self) -> None:
        """Make empty files until there is no inode for one more: bytes stay free, and no new file has a place."""
        while True:
            try:
                self._new()
            except OSError as problem:
                if problem.errno != errno.ENOSPC:
                    raise
                self.met_enospc = True
                return

    def _new(self) -> None:
        self.close()
        # A bot sees our names, and may be there first with one that it can guess.
        path = self._folder / f"{self._prefix}{self.files + 1:04d}-{secrets.token_hex(4)}.bin"
        # Root's own, where we are root: the bot may read it and cannot go on with it as if it were its own.
        self._top = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
        self.files += 1

    def _write(self, size: int) -> int:
        assert self._top is not None
        written = os.write(self._top, memoryview(self._block)[:size])
        self.written += written
        return written

    def close(self) -> None:
        """Write no more."""
        if self._top is not None:
            os.close(self._top)
            self._top = None


class Keeper:
    """Sees who writes into some folders, and takes what becomes free on their disk.

    ``tried`` counts the writes that were seen by name, without those to files of ours, of companions, or to
    ``appended`` ones (text logs), and without those that made a state file larger: appending may succeed for a while
    in the last block of a file, so it shows nothing.
    """

    def __init__(
        self, folders: Sequence[Path], appended: LogFamilies, of_companions: frozenset[str] = frozenset()
    ) -> None:
        self.tried: Counter[str] = Counter()
        self._appended, self._of_companions = appended, of_companions
        self._lock, self._over = threading.Lock(), threading.Event()
        self._take: Callable[[], None] | None = None
        self._open = contextlib.ExitStack()
        self._sizes: dict[str, int] = {}
        self._writes = [(folder, self._open.enter_context(system.WriteWatcher(folder))) for folder in folders]
        self._thread = threading.Thread(target=self._look_after, name="keeps it full", daemon=True)

    def keep(self, take: Callable[[], None]) -> None:
        """From now on ``take`` takes what becomes free, and whoever writes has tried in vain."""
        self._take = take
        for folder, writes in self._writes:
            while names := writes.names(0):  # what came before it was full shows nothing
                for name in names:
                    self._has_grown(folder, name)
        self._thread.start()

    def top_up(self) -> None:
        """Take what has become free."""
        with self._lock:
            if self._take is not None:
                self._take()

    def stop(self) -> None:
        """Let go; repeatable."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._open.close()

    def _look_after(self) -> None:
        while not self._over.is_set():
            for folder, writes in self._writes:
                names = writes.names(_LOOK / len(self._writes))
                self.top_up()
                grown = {name for name in set(names) if self._has_grown(folder, name)}
                for name in names:
                    if name in grown:
                        continue
                    key = f"{folder.name}/{name}"
                    if name.startswith(FILE_PREFIX) or self._appended.holds(key):
                        continue
                    if companion_files.is_one(str(folder / name), self._of_companions):
                        continue
                    self.tried[key if key in self.tried or len(self.tried) < _NAMES else "more"] += 1

    def _has_grown(self, folder: Path, name: str) -> bool:
        """Whether a file is larger than when it was written last; of a new one nobody knows."""
        path = folder / name
        try:
            size = os.lstat(path).st_size
        except OSError:
            size = 0
        before = self._sizes.get(str(path), size)
        if str(path) in self._sizes or len(self._sizes) < _SIZES:
            self._sizes[str(path)] = size
        return size > before
