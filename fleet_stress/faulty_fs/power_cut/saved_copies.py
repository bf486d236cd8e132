"""Saved copies of what a power cut brings back: bytes that were replaced before their replacement was durable.

They are on disk in a folder of ours, never in memory. Each overwritten block is saved once, in a sparse file at its
own offset; of a truncated file, all its durable content is saved.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from fleet_stress.faulty_fs.power_cut.durability import BLOCK, Version

#: Bytes copied at a time.
_AT_ONCE = 1 << 20


class SavedCopies:
    """The saved copies of one folder's files, by the number of the file."""

    def __init__(self, folder: Path) -> None:
        """``folder``: a private folder to create. Raises OSError."""
        self._folder = folder
        folder.mkdir(mode=0o700)
        self._blocks: dict[int, int] = {}
        #: Bytes of whole copies.
        self.size = 0
        self._sizes: dict[tuple[int, int], int] = {}

    def keep_blocks(self, number: int, source: int, blocks: Sequence[int]) -> None:
        """Save some blocks of a file, open as ``source``. Raises OSError."""
        if number not in self._blocks:
            self._blocks[number] = _new(self._folder / f"{number}.blocks")
        for block in blocks:
            _write(self._blocks[number], os.pread(source, BLOCK, block * BLOCK), block * BLOCK)

    def keep_copy(self, number: int, source: int, copy: int, now: Version) -> None:
        """Save the durable content of a file, open as ``source``. Raises OSError."""
        path = self._path(number, copy)
        target = _new(path)
        try:
            self._pour(number, source, target, now._replace(size=now.written))
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(target)
        self._sizes[(number, copy)] = now.written
        self.size += now.written

    def drop(self, number: int, copy: int | None) -> None:
        """Delete what is not needed any more: one copy, or (None) the blocks."""
        if copy is None:
            descriptor = self._blocks.pop(number, None)
            if descriptor is not None:
                os.close(descriptor)
                (self._folder / f"{number}.blocks").unlink()
            return
        self.size -= self._sizes.pop((number, copy))
        self._path(number, copy).unlink()

    def drop_all(self) -> None:
        """Delete all copies."""
        for number in list(self._blocks):
            self.drop(number, None)
        for number, copy in list(self._sizes):
            self.drop(number, copy)

    def bring_back(self, number: int, target: int, wanted: Version) -> bool:
        """Restore a file, open as ``target`` for reading and writing; whether that changed its content.

        Raises OSError.
        """
        if wanted.copy is None:
            return self._put_back(number, target, wanted)
        source = os.open(self._path(number, wanted.copy), os.O_RDONLY)
        try:
            if _same(source, target, wanted):
                return False
            os.ftruncate(target, 0)
            for offset, data in _pieces(source, min(wanted.size, wanted.written)):
                _write(target, data, offset)
            os.ftruncate(target, wanted.size)
        finally:
            os.close(source)
        return True

    def _put_back(self, number: int, target: int, wanted: Version) -> bool:
        before = os.fstat(target).st_size
        changed = before != wanted.size
        for item in sorted(wanted.saved):
            length = min(BLOCK, wanted.written - item * BLOCK)
            data = os.pread(self._blocks[number], length, item * BLOCK)
            changed = changed or os.pread(target, length, item * BLOCK) != data
            _write(target, data, item * BLOCK)
        if before > wanted.written:
            changed = changed or any(
                data.strip(b"\0") for _, data in _pieces(target, wanted.size, wanted.written)
            )
            os.ftruncate(target, wanted.written)
        os.ftruncate(target, wanted.size)
        return changed

    def _pour(self, number: int, source: int, target: int, now: Version) -> None:
        for offset, data in _pieces(source, now.size):
            _write(target, data, offset)
        for item in sorted(now.saved):
            length = min(BLOCK, now.written - item * BLOCK)
            _write(target, os.pread(self._blocks[number], length, item * BLOCK), item * BLOCK)

    def _path(self, number: int, copy: int) -> Path:
        return self._folder / f"{number}.{copy}"


def _new(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)


def _pieces(source: int, size: int, offset: int = 0) -> Iterable[tuple[int, bytes]]:
    while offset < size:
        data = os.pread(source, min(_AT_ONCE, size - offset), offset)
        if not data:
            return
        yield offset, data
        offset += len(data)


def _write(target: int, data: bytes, offset: int) -> None:
    while data:
        done = os.pwrite(target, data, offset)
        data, offset = data[done:], offset + done


def _same(source: int, target: int, wanted: Version) -> bool:
    if os.fstat(target).st_size != wanted.size or wanted.size != min(wanted.size, wanted.written):
        return False
    return all(os.pread(target, len(data), offset) == data for offset, data in _pieces(source, wanted.size))
