"""Tracks what is done to the folder below, so that a power cut can lose what was not durable.

``Power`` wraps each operation, holds inodes by descriptors, saves copies of what is about to be overwritten
(``saved_copies.py``) and updates the model (``durability.py``). ``lose.py`` carries out the loss. ``Mains`` tracks
nothing: it is used if no rule cuts the power.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from fleet_stress.faulty_fs.power_cut.durability import LIKE, Durable
from fleet_stress.faulty_fs.power_cut.saved_copies import SavedCopies

#: The most bytes for copies of truncated files; beyond that all metadata becomes durable.
ROOM = 64 << 20
#: The bits of O_SYNC that O_DSYNC does not have (open(2)).
_SYNC_TOO = os.O_SYNC & ~os.O_DSYNC


class Mains:
    """Power that is never cut: it tracks nothing."""

    #: What to forget, once the power is off; None: it is on.
    off: str | None = None

    def on(self) -> AbstractContextManager[None]:
        """Wraps one operation of the bot. Raises OSError (EIO) if the power is off."""
        return nullcontext()

    def cut(self, forget: str) -> None:
        """Switch it off, until the loss is carried out."""

    def made(self, folder: int, name: str) -> None:
        """A name and its inode were created."""

    def linked(self, folder: int, name: str) -> None:
        """Another name of an existing inode was created."""

    def removing(self, folder: int, name: str) -> AbstractContextManager[None]:
        """Wraps the removal of a name."""
        del folder, name
        return nullcontext()

    def renaming(
        self, folder: int, name: str, target: int, to: str, *, exchange: bool = False
    ) -> AbstractContextManager[None]:
        """Wraps a rename or an exchange of two names."""
        del folder, name, target, to, exchange
        return nullcontext()

    def writing(
        self, node: int, descriptor: int, size: int, offset: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Wraps a write; yields a function to call with the number of bytes written."""
        del node, descriptor, size, offset
        return nullcontext(lambda _: None)

    def cutting(self, node: int, to: int) -> AbstractContextManager[None]:
        """Wraps a change of size (truncate(2), O_TRUNC)."""
        del node, to
        return nullcontext()

    def allocating(self, node: int) -> AbstractContextManager[None]:
        """Wraps fallocate(2)."""
        del node
        return nullcontext()

    def changing(self, node: int) -> AbstractContextManager[None]:
        """Wraps chmod, chown, utimens."""
        del node
        return nullcontext()

    def synced(self, node: int, *, only_data: bool, folder: bool) -> None:
        """An fsync has returned."""

    def closed(self, node: int) -> None:
        """A file was closed."""


class Power(Mains):
    """Power that can be cut. A failing operation does not change the model."""

    def __init__(
        self,
        root: int,
        like: str,
        scratch: Path,
        as_ourselves: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``like``: see ``durability.LIKE``; ``scratch``: a folder to create, for copies. Raises OSError.

        ``as_ourselves``: within it the thread has our rights, even if it acts as the bot's user.
        """
        self.root, self.like = root, like
        self.model, self.kept = Durable(LIKE[like]), SavedCopies(scratch)
        self.lock = threading.RLock()
        #: Why it is no longer known what is durable.
        self.broken: str | None = None
        #: Descriptors (O_PATH) of the inodes in the model.
        self.held: dict[int, int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._next = 1
        self._as_ourselves = as_ourselves

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Serialises operations, because their order counts."""
        with self.lock:
            if self.off is not None:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            yield

    def cut(self, forget: str) -> None:
        """Switch it off: no operation comes after this."""
        with self.lock:
            self.off = self.off or forget

    def restored(self) -> None:
        """Everything is durable now, and the power is on again."""
        self.kept.drop_all()
        self.model = Durable(LIKE[self.like])
        self._let_go(set())
        self.off = None

    # ---- names ----

    def made(self, folder: int, name: str) -> None:
        """Called under the lock of ``on``, like all that follow."""
        with self._updating():
            number, mode = self._named(folder, name)
            self.model.renamed([(self._number(folder), name, None, number)])
            if stat.S_ISREG(mode):
                self.model.made(number)

    def linked(self, folder: int, name: str) -> None:
        """The durability of the inode does not change."""
        with self._updating():
            self.model.renamed([(self._number(folder), name, None, self._named(folder, name)[0])])

    @contextlib.contextmanager
    def removing(self, folder: int, name: str) -> Iterator[None]:
        """An inode without a name is held: the cut may bring it back."""
        number = self._before(folder, name)
        yield
        with self._updating():
            self.model.renamed([(self._number(folder), name, number, None)])

    @contextlib.contextmanager
    def renaming(
        self, folder: int, name: str, target: int, to: str, *, exchange: bool = False
    ) -> Iterator[None]:
        """Atomic: both names change, or neither."""
        number, other = self._before(folder, name), self._before(target, to)
        yield
        if number == other:
            return  # two names of one file: nothing happens (rename(2))
        with self._updating():
            if number is not None and other is not None and not exchange:
                self.model.replaces(number)
            here, there = self._number(folder), self._number(target)
            left = other if exchange else None
            self.model.renamed([(here, name, number, left), (there, to, other, number)])

    # ---- what files hold and are ----

    @contextlib.contextmanager
    def writing(self, node: int, descriptor: int, size: int, offset: int) -> Iterator[Callable[[int], None]]:
        """Durable content is saved before it is overwritten."""
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        done: list[int] = []
        number = 0
        with self._updating():
            before = os.fstat(node).st_size
            offset = before if flags & os.O_APPEND else offset
            number = self._number(node)
            blocks = self.model.to_save(number, before, offset, size)
            if blocks:
                with opened(node, os.O_RDONLY) as source:
                    self.kept.keep_blocks(number, source, blocks)
                self.model.saved(number, blocks)
        yield done.append
        with self._updating():
            if done:
                self.model.wrote(number, offset, done[0])
            if flags & os.O_DSYNC:
                self.model.synced(number, only_data=not flags & _SYNC_TOO, folder=False)

    @contextlib.contextmanager
    def cutting(self, node: int, to: int) -> Iterator[None]:
        """Durable content is saved before it is cut off."""
        number, copy = 0, None
        with self._updating():
            number = self._number(node)
            copy = self.model.to_copy(number, os.fstat(node).st_size, to)
            if copy is not None:
                with opened(node, os.O_RDONLY) as source:
                    self.kept.keep_copy(number, source, copy, self.model.files[number].without_data())
        try:
            yield
        except BaseException:
            with self._updating():
                if copy is not None:
                    self.kept.drop(number, copy)
            raise
        with self._updating():
            self.model.cut(number, to, copy)

    @contextlib.contextmanager
    def allocating(self, node: int) -> Iterator[None]:
        """Its data counts as durable at once, so that no impossible disk results."""
        yield
        with self._updating():
            number, size = self._number(node), os.fstat(node).st_size
            self.model.to_save(number, size, 0, 0)
            self.model.wrote(number, 0, size)
            self.model.written_out(number)

    @contextlib.contextmanager
    def changing(self, node: int) -> Iterator[None]:
        """A cut restores mode and owner, not times."""
        before = os.fstat(node)
        yield
        with self._updating():
            was = (stat.S_IMODE(before.st_mode), before.st_uid, before.st_gid)
            self.model.changed(self._number(node), was)

    def synced(self, node: int, *, only_data: bool, folder: bool) -> None:
        """An fsync of the file or folder ``node`` has returned."""
        with self._updating():
            self.model.synced(self._number(node), only_data=only_data, folder=folder)

    def closed(self, node: int) -> None:
        """Takes the lock itself; what the kernel closes for dead processes after the cut does not count."""
        with self.lock:
            status = os.fstat(node)
            number = self._numbers.get((status.st_dev, status.st_ino))
            if self.off is None and number is not None:
                with self._updating():
                    self.model.closed(number)

    # ---- inodes ----

    def hold(self, number: int, descriptor: int) -> None:
        """Another inode replaces one that is gone; we take over the descriptor."""
        os.close(self.held[number])
        self.held[number] = descriptor

    @contextlib.contextmanager
    def _updating(self) -> Iterator[None]:
        """Wraps an update of the model. A bug of ours must not fail the bot: it is reported when it matters."""
        try:
            with self._as_ourselves():
                yield
                if self.model.eased or self.model.dropped:
                    self._tidy()
        except Exception as problem:
            self.broken = self.broken or f"{type(problem).__name__}: {problem}"

    def _tidy(self) -> None:
        while self.model.dropped:
            self.kept.drop(*self.model.dropped.pop())
        if self.kept.size > ROOM:
            self.model.commit()
            self._tidy()
        self.model.eased = False
        self._let_go(self.model.numbers())

    def _let_go(self, but: set[int]) -> None:
        for number in [number for number in self.held if number not in but]:
            os.close(self.held.pop(number))
        self._numbers = {key: number for key, number in self._numbers.items() if number in self.held}

    def _number(self, descriptor: int) -> int:
        """The number of an inode, by any descriptor of it (O_PATH), which is then held. Raises OSError."""
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino)
        number = self._numbers.get(key)
        if number is None:
            number, self._next = self._next, self._next + 1
            self.held[number] = os.dup(descriptor)
            self._numbers[key] = number
        return number

    def _named(self, folder: int, name: str) -> tuple[int, int]:
        descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            return self._number(descriptor), os.fstat(descriptor).st_mode
        finally:
            os.close(descriptor)

    def _before(self, folder: int, name: str) -> int | None:
        """The inode of a name; None: there is none."""
        number: int | None = None
        with self._updating(), contextlib.suppress(FileNotFoundError):
            number = self._named(folder, name)[0]
        return number


@contextlib.contextmanager
def opened(node: int, flags: int) -> Iterator[int]:
    """The file of a descriptor (O_PATH), whatever its name (proc_pid_fd(5)). Raises OSError."""
    descriptor = os.open(f"/proc/self/fd/{node}", flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
