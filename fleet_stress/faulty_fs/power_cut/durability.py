"""A model of what a folder would hold after a power cut: how metadata and data become durable. No I/O here.

``Durable`` is updated with each operation and says which names, sizes and bytes are durable. Metadata and data become
durable separately:

* **Metadata** (names, sizes, modes) is journalled. Where the journal is ``ordered``, its operations become durable in
  the order in which they were done, so what survives is a prefix. An fsync makes durable all up to the last operation
  on its inode (ext4: it commits the transaction of that operation, and a transaction takes all before it along:
  fs/ext4/fsync.c; an fsync of a folder commits all that was done). Where it is not (``posix``), an fsync makes durable
  what belongs to its inode alone, to which a file's name does not belong, but to its folder (fsync(2)).
* **Data** that was written and not fsynced may be lost. Until a block is allocated, the size on disk does not include
  it either (delayed allocation: Documentation/admin-guide/ext4.rst, ``delalloc``), so a new file is empty and
  appended data is missing; data overwritten in place is as before.

ext4 alone: the data of a file that replaces another by rename, or that was truncated to nothing and closed, is written
out with that (ext4.rst, ``auto_da_alloc``); and an append that fits into the last block grows the size at once (the
block is allocated: ext4_da_do_write_end() in fs/ext4/inode.c), so that zeros may stand there.

Every disk that this model describes may be left by such a file system. It does not describe all of them: timers that
write out by themselves (``commit=5``) only make more durable, and what they leave between the last fsync and the cut
is what a cut at an earlier operation leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: Bytes that are allocated together.
BLOCK = 4096
#: At most so many operations wait for a commit of the journal; a full journal is committed, like a real one.
LIMIT = 2000


class Like(NamedTuple):
    """A kind of file system."""

    ordered: bool
    #: Data is written out with a replacement by rename, and at the close of what was truncated to nothing.
    writes_replacements: bool
    #: An append within the last block changes the size at once.
    grows_in_block: bool


#: ``apfs``: metadata in atomic transactions, one after the other (Apple File System Reference, checkpoints); nothing is
#: promised about unsynced data. An fsync counts as F_FULLFSYNC, which no program on Linux can request.
LIKE = {
    "ext4": Like(ordered=True, writes_replacements=True, grows_in_block=True),
    "apfs": Like(ordered=True, writes_replacements=False, grows_in_block=False),
    "posix": Like(ordered=False, writes_replacements=False, grows_in_block=False),
}

#: An inode's number here, never used again. A name leads to one, or to none.
Place = tuple[int, str]


class Change(NamedTuple):
    """A name that leads elsewhere since operation ``at``, which is not yet committed."""

    at: int
    folder: int
    name: str
    before: int | None
    after: int | None


class Version(NamedTuple):
    """A file's content: of its first ``size`` bytes those below ``written``, the rest is zeros."""

    size: int
    written: int
    #: Blocks whose durable content is the saved one, not the present one.
    saved: frozenset[int] = frozenset()
    #: The number of its copy from before it was truncated; None: the file itself.
    copy: int | None = None


class _Past:
    """A file before it was truncated at operation ``until``, which is also the number of its copy."""

    def __init__(self, until: int, sizes: list[tuple[int, int]], written: int) -> None:
        self.until, self.sizes, self.written = until, sizes, written


class File:
    """A file with something not durable."""

    def __init__(self, at: int, size: int) -> None:
        """``at``: the operation that created it, 0: it existed before us; ``size``: its durable size."""
        self.live = size
        self.written = size
        #: Sizes in the metadata, by operation; the first is durable unless there is a past.
        self.sizes = [(at, size)]
        self.saved: set[int] = set()
        self.past: list[_Past] = []
        #: The last operation on it, and the last that changed what is needed to read it (fdatasync(2)).
        self.touched = self.resized = at
        self.write_at_close = False

    @property
    def clean(self) -> bool:
        """Whether a power cut would not change it."""
        settled = not self.past and not self.saved and len(self.sizes) == 1
        return settled and self.sizes[0][1] == self.live and self.written >= self.live

    def settle(self, reached: int) -> list[int]:
        """Metadata is durable up to an operation. Returns the copies no longer needed."""
        gone = [item.until for item in self.past if item.until <= reached]
        self.past = [item for item in self.past if item.until > reached]
        for sizes in (*(item.sizes for item in self.past), self.sizes):
            while len(sizes) > 1 and sizes[1][0] <= reached:
                del sizes[0]
        return gone

    def without_data(self) -> Version:
        """Its version if all metadata is durable, and data as far as it was synced."""
        return Version(self.sizes[-1][1], self.written, frozenset(self.saved))

    def with_half(self) -> Version:
        """Its version if all metadata is durable, bytes written in place, and the first half of what was added."""
        reached = self.written + max(0, self.live - self.written) // 2
        return Version(max(self.sizes[-1][1], reached), reached)

    def durable(self, *, data_kept: bool) -> Version:
        """Its version with durable metadata; data as far as it was synced or, if kept, as written in place."""
        if self.past:
            first = self.past[0]
            return Version(first.sizes[0][1], first.written, copy=first.until)
        size = self.sizes[0][1]
        if data_kept:
            return Version(size, self.live)
        return Version(size, self.written, frozenset(self.saved))


class Durable:
    """The model of one folder. Its caller serialises operations."""

    def __init__(self, like: Like, limit: int = LIMIT) -> None:
        self._like, self._limit = like, limit
        self._now = 0
        self.changes: list[Change] = []
        #: Modes and owners that are not durable yet: operation, inode, the previous ones.
        self.attributes: list[tuple[int, int, tuple[int, int, int]]] = []
        self.files: dict[int, File] = {}
        #: The last operation on inodes that are not in ``files``.
        self._touched: dict[int, int] = {}
        #: Copies no longer needed: inode and number, or None for its saved blocks.
        self.dropped: list[tuple[int, int | None]] = []
        #: Whether something has become durable since this was last set to False.
        self.eased = False

    def numbers(self) -> set[int]:
        """All inodes that a power cut could affect."""
        found = {number for _, number, _ in self.attributes} | set(self.files) | set(self._touched)
        for change in self.changes:
            found |= {change.folder} | {
                number for number in (change.before, change.after) if number is not None
            }
        return found

    # ---- what was done ----

    def renamed(self, changes: Iterable[tuple[int, str, int | None, int | None]]) -> None:
        """Names lead elsewhere, atomically: folder, name, inode before and after."""
        self._now += 1
        for folder, name, before, after in changes:
            self.changes.append(Change(self._now, folder, name, before, after))
            for number in (before, after):
                if number is not None:
                    self._touch(number)
        self._bound()

    def made(self, number: int) -> None:
        """The previous operation created this file."""
        self._touched.pop(number, None)
        self.files[number] = File(self._now, 0)

    def replaces(self, number: int) -> None:
        """The file is about to replace another by rename."""
        file = self.files.get(number)
        if file is not None and self._like.writes_replacements:
            self._write_out(number, file)

    def changed(self, number: int, before: tuple[int, int, int]) -> None:
        """Its mode, owner, group or times have changed."""
        self._now += 1
        self.attributes.append((self._now, number, before))
        self._touch(number)
        self._bound()

    def to_save(self, number: int, size: int, offset: int, length: int) -> list[int]:
        """The blocks to save before this write; ``size``: the size of the file."""
        file = self._file(number, size)
        end = min(offset + length, file.written)
        if offset >= end:
            return []
        return [item for item in range(offset // BLOCK, -(-end // BLOCK)) if item not in file.saved]

    def saved(self, number: int, blocks: Sequence[int]) -> None:
        """These blocks are saved."""
        self.files[number].saved.update(blocks)

    def wrote(self, number: int, offset: int, length: int) -> None:
        """So many bytes were written there, after ``to_save``."""
        file = self.files[number]
        end = offset + length
        if self._like.grows_in_block and end > file.live and file.written % BLOCK:
            block_end = -(-file.written // BLOCK) * BLOCK
            if offset <= block_end and min(end, block_end) > file.sizes[-1][1]:
                self._resized(file, min(end, block_end))
        file.live = max(file.live, end)
        file.touched = self._now
        self._bound()

    def to_copy(self, number: int, size: int, to: int) -> int | None:
        """The number of the copy to save before it is truncated to ``to``; None: none is needed."""
        file = self._file(number, size)
        if to >= file.live or not any(item for _, item in file.sizes):
            return None
        return self._now + 1

    def cut(self, number: int, to: int, copy: int | None) -> None:
        """It was truncated or extended to ``to``, after ``to_copy``."""
        file = self.files[number]
        if copy is not None:
            file.past.append(_Past(copy, file.sizes, file.written))
            file.sizes = []
        if to == 0 and file.live > 0:
            file.write_at_close = self._like.writes_replacements
        self._resized(file, to)
        file.live = to
        file.written = min(file.written, to)
        file.saved = {item for item in file.saved if item * BLOCK < to}
        self._bound()

    def closed(self, number: int) -> None:
        """A process has closed it."""
        file = self.files.get(number)
        if file is not None and file.write_at_close:
            self._write_out(number, file)

    def synced(self, number: int, *, only_data: bool, folder: bool) -> None:
        """An fsync or fdatasync has returned."""
        file = self.files.get(number)
        if file is not None:
            self._write_out(number, file)
        if not self._like.ordered:
            self._settle_one(number)
            return
        if folder:
            reached = self._now
        elif file is not None:
            reached = file.resized if only_data else file.touched
        else:
            reached = 0 if only_data else self._touched.get(number, 0)
        self._settle(reached)

    def written_out(self, number: int) -> None:
        """Its present data is on disk, whatever happens to its metadata."""
        file = self.files.get(number)
        if file is not None:
            self._write_out(number, file)

    def commit(self) -> None:
        """All metadata becomes durable without an fsync."""
        self._settle(self._now)

    # ---- what is durable ----

    def names(self) -> dict[Place, tuple[int | None, int | None]]:
        """Names whose durable inode differs from the present one: both inodes, by name."""
        found: dict[Place, tuple[int | None, int | None]] = {}
        for change in self.changes:
            place = (change.folder, change.name)
            durable = found[place][0] if place in found else change.before
            found[place] = (durable, change.after)
        return {place: two for place, two in found.items() if two[0] != two[1]}

    def modes(self) -> dict[int, tuple[int, int, int]]:
        """Durable mode, owner and group of inodes that have others now."""
        found: dict[int, tuple[int, int, int]] = {}
        for _, number, before in self.attributes:
            found.setdefault(number, before)
        return found

    # ---- within ----

    def _file(self, number: int, size: int) -> File:
        file = self.files.get(number)
        if file is None:
            file = self.files[number] = File(0, size)
            file.touched = self._touched.pop(number, 0)
        return file

    def _touch(self, number: int) -> None:
        file = self.files.get(number)
        if file is not None:
            file.touched = self._now
        elif self._like.ordered:
            self._touched[number] = self._now

    def _resized(self, file: File, size: int) -> None:
        if len(file.sizes) > 1 and file.sizes[-1][0] == self._now:
            file.sizes.pop()  # no other operation since, so their order does not matter
        else:
            self._now += 1
        file.sizes.append((self._now, size))
        file.touched = file.resized = self._now

    def _write_out(self, number: int, file: File) -> None:
        """Its data is on disk; if it has grown, its size is the journal's next operation."""
        if file.live != file.sizes[-1][1]:
            self._resized(file, file.live)
        file.written, file.write_at_close = file.live, False
        if file.saved:
            file.saved = set()
            self.dropped.append((number, None))

    def _bound(self) -> None:
        waiting = len(self.changes) + len(self.attributes)
        waiting += sum(len(file.sizes) - 1 + len(file.past) for file in self.files.values())
        if waiting > self._limit:
            self.commit()

    def _settle(self, reached: int) -> None:
        self.eased = True
        self.changes = [change for change in self.changes if change.at > reached]
        self.attributes = [attribute for attribute in self.attributes if attribute[0] > reached]
        self._touched = {number: at for number, at in self._touched.items() if at > reached}
        for number, file in list(self.files.items()):
            self._settle_file(number, file, reached)

    def _settle_one(self, number: int) -> None:
        self.eased = True
        self.changes = [change for change in self.changes if change.folder != number]
        self.attributes = [attribute for attribute in self.attributes if attribute[1] != number]
        if number in self.files:
            self._settle_file(number, self.files[number], self._now)

    def _settle_file(self, number: int, file: File, reached: int) -> None:
        self.dropped += [(number, copy) for copy in file.settle(reached)]
        # One that is as it looks stays while an fsync of it would still make an operation on it durable.
        if file.clean and file.touched <= reached:
            del self.files[number]
