"""The power of the folder below: what was done to it, so that a power cut can take away what was not durable.

``Power`` is told of each operation around its being done, knows inodes by descriptors that it holds, keeps copies of
what is about to be overwritten (``kept.py``) and asks the model (``durable.py``). ``losing.py`` does what a cut does.
``Mains`` stands in its place where no rule forgets anything: nothing is tracked.
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
from fleet_stress.faulty_fs.power_cut.saved_copies import Kept

#: Copies of files that were cut off take up so much at most, in bytes; then all metadata becomes durable.
ROOM = 64 << 20
#: Of O_SYNC, what O_DSYNC does not have (open(2)).
_SYNC_TOO = os.O_SYNC & ~os.O_DSYNC


class Mains:
    """Power that is never cut. What stands around an operation does nothing."""

    #: What is to be forgotten, once the power is off.
    off: str | None = None

    def on(self) -> AbstractContextManager[None]:
        """Around one operation of the bot. Raises OSError (EIO) when the power is off."""
        return nullcontext()

    def cut(self, forget: str) -> None:
        """It is off from now on, until what was not durable is forgotten."""

    def made(self, folder: int, name: str) -> None:
        """A name was made, and what it leads to as well."""

    def linked(self, folder: int, name: str) -> None:
        """One more name of what is there was made."""

    def removing(self, folder: int, name: str) -> AbstractContextManager[None]:
        """A name is taken away."""
        del folder, name
        return nullcontext()

    def renaming(
        self, folder: int, name: str, target: int, to: str, *, exchange: bool = False
    ) -> AbstractContextManager[None]:
        """A name takes another's place, or both change places."""
        del folder, name, target, to, exchange
        return nullcontext()

    def writing(
        self, node: int, descriptor: int, size: int, offset: int
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Bytes are written; to be told how many were."""
        del node, descriptor, size, offset
        return nullcontext(lambda _: None)

    def cutting(self, node: int, to: int) -> AbstractContextManager[None]:
        """A file gets another size (truncate(2), O_TRUNC)."""
        del node, to
        return nullcontext()

    def allocating(self, node: int) -> AbstractContextManager[None]:
        """fallocate(2)."""
        del node
        return nullcontext()

    def changing(self, node: int) -> AbstractContextManager[None]:
        """chmod, chown, utimens."""
        del node
        return nullcontext()

    def synced(self, node: int, *, only_data: bool, folder: bool) -> None:
        """An fsync is over."""

    def closed(self, node: int) -> None:
        """Somebody has closed a file."""


class Power(Mains):
    """Power that can be cut. An operation that fails changes nothing of what is known."""

    def __init__(
        self,
        root: int,
        like: str,
        scratch: Path,
        as_ourselves: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``like``: see ``durable.LIKE``; ``scratch``: a folder to be made, for copies. Raises OSError.

        ``as_ourselves``: within it we may do what we may, where a thread acts as the bot's user.
        """
        self.root, self.like = root, like
        self.model, self.kept = Durable(LIKE[like]), Kept(scratch)
        self.lock = threading.RLock()
        #: Why it cannot be told any more what is durable.
        self.broken: str | None = None
        #: Descriptors (O_PATH) of the inodes that the model speaks of.
        self.held: dict[int, int] = {}
        self._numbers: dict[tuple[int, int], int] = {}
        self._next = 1
        self._as_ourselves = as_ourselves

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """One operation after the other: the order is what counts."""
        with self.lock:
            if self.off is not None:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            yield

    def cut(self, forget: str) -> None:
        """No operation comes after this."""
        with self.lock:
            self.off = self.off or forget

    def restored(self) -> None:
        """What is there now is durable, and the power is on again."""
        self.kept.drop_all()
        self.model = Durable(LIKE[self.like])
        self._let_go(set())
        self.off = None

    # ---- names ----

    def made(self, folder: int, name: str) -> None:
        """Under the lock of ``on``, as all that follows."""
        with self._told():
            number, mode = self._named(folder, name)
            self.model.renamed([(self._number(folder), name, None, number)])
            if stat.S_ISREG(mode):
                self.model.made(number)

    def linked(self, folder: int, name: str) -> None:
        """Its inode is as durable as it was."""
        with self._told():
            self.model.renamed([(self._number(folder), name, None, self._named(folder, name)[0])])

    @contextlib.contextmanager
    def removing(self, folder: int, name: str) -> Iterator[None]:
        """What has no name any more is held: the cut may bring it back."""
        number = self._before(folder, name)
        yield
        with self._told():
            self.model.renamed([(self._number(folder), name, number, None)])

    @contextlib.contextmanager
    def renaming(
        self, folder: int, name: str, target: int, to: str, *, exchange: bool = False
    ) -> Iterator[None]:
        """In one step: both names, or neither."""
        number, other = self._before(folder, name), self._before(target, to)
        yield
        if number == other:
            return  # two names of one file: nothing is done (rename(2))
        with self._told():
            if number is not None and other is not None and not exchange:
                self.model.replaces(number)
            here, there = self._number(folder), self._number(target)
            left = other if exchange else None
            self.model.renamed([(here, name, number, left), (there, to, other, number)])

    # ---- what files hold and are ----

    @contextlib.contextmanager
    def writing(self, node: int, descriptor: int, size: int, offset: int) -> Iterator[Callable[[int], None]]:
        """What is overwritten is kept before, where it is durable."""
        flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
        done: list[int] = []
        number = 0
        with self._told():
            before = os.fstat(node).st_size
            offset = before if flags & os.O_APPEND else offset
            number = self._number(node)
            blocks = self.model.to_save(number, before, offset, size)
            if blocks:
                with opened(node, os.O_RDONLY) as source:
                    self.kept.keep_blocks(number, source, blocks)
                self.model.saved(number, blocks)
        yield done.append
        with self._told():
            if done:
                self.model.wrote(number, offset, done[0])
            if flags & os.O_DSYNC:
                self.model.synced(number, only_data=not flags & _SYNC_TOO, folder=False)

    @contextlib.contextmanager
    def cutting(self, node: int, to: int) -> Iterator[None]:
        """What is cut off is kept before, where it is durable."""
        number, copy = 0, None
        with self._told():
            number = self._number(node)
            copy = self.model.to_copy(number, os.fstat(node).st_size, to)
            if copy is not None:
                with opened(node, os.O_RDONLY) as source:
                    self.kept.keep_copy(number, source, copy, self.model.files[number].without_data())
        try:
            yield
        except BaseException:
            with self._told():
                if copy is not None:
                    self.kept.drop(number, copy)
            raise
        with self._told():
            self.model.cut(number, to, copy)

    @contextlib.contextmanager
    def allocating(self, node: int) -> Iterator[None]:
        """It is said to be durable at once, as far as data goes: no disk that cannot be is made of it."""
        yield
        with self._told():
            number, size = self._number(node), os.fstat(node).st_size
            self.model.to_save(number, size, 0, 0)
            self.model.wrote(number, 0, size)
            self.model.written_out(number)

    @contextlib.contextmanager
    def changing(self, node: int) -> Iterator[None]:
        """Mode and owner come back; times do not."""
        before = os.fstat(node)
        yield
        with self._told():
            was = (stat.S_IMODE(before.st_mode), before.st_uid, before.st_gid)
            self.model.changed(self._number(node), was)

    def synced(self, node: int, *, only_data: bool, folder: bool) -> None:
        """Of the file ``node``, or of the folder."""
        with self._told():
            self.model.synced(self._number(node), only_data=only_data, folder=folder)

    def closed(self, node: int) -> None:
        """By itself: what the kernel closes for the dead does not count when the power is off."""
        with self.lock:
            status = os.fstat(node)
            number = self._numbers.get((status.st_dev, status.st_ino))
            if self.off is None and number is not None:
                with self._told():
                    self.model.closed(number)

    # ---- inodes ----

    def hold(self, number: int, descriptor: int) -> None:
        """Another inode has taken the place of one that is gone; the descriptor is ours from now on."""
        os.close(self.held[number])
        self.held[number] = descriptor

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Around what the model is told. Our mistake is not the bot's: it is told when it matters."""
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
        for number in [one for one in self.held if one not in but]:
            os.close(self.held.pop(number))
        self._numbers = {key: number for key, number in self._numbers.items() if number in self.held}

    def _number(self, descriptor: int) -> int:
        """The number of an inode, by any descriptor of it (O_PATH); it is held from now on. Raises OSError."""
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
        """To which inode a name leads; None: to none."""
        number: int | None = None
        with self._told(), contextlib.suppress(FileNotFoundError):
            number = self._named(folder, name)[0]
        return number


@contextlib.contextmanager
def opened(node: int, flags: int) -> Iterator[int]:
    """The file that a descriptor (O_PATH) is of, whatever its name (proc_pid_fd(5)). Raises OSError."""
    descriptor = os.open(f"/proc/self/fd/{node}", flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
