"""Unpacking a host's archive. A host is not trusted: it may not leave its folder or fill our disk or memory."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fleet_controller.messages.text import plain
from fleet_stress.store.contract import NAME_BYTES, PATH_BYTES

#: The most that one host may bring, unpacked: evidence is limited to far less by the plan.
BYTES_LIMIT = 500_000_000
MEMBERS_LIMIT = 50_000
#: The most that may be read in one go: headers are read whole, and say themselves how long they are.
PIECE_LIMIT = 256 * 1024
#: What all hosts together leave free of our disk, and how much of the rest one of them may take. Bytes; a share.
RESERVE = 500_000_000
SHARE_OF_FREE = 0.25
#: Padding and headers beside the files: this many bytes a file, and once.
_AROUND = 10_240


class Hostile(Exception):
    """A host sends what no host of ours would."""


class NoRoom(Exception):
    """The controller's own disk is nearly full."""


def room(folder: Path) -> int:
    """Bytes that hosts may still take of the disk on which a folder lies. Raises NoRoom."""
    free = shutil.disk_usage(folder).free
    if free <= RESERVE:
        raise NoRoom(f"{folder}: only {free // 1_000_000} MB are free on this disk; make room there")
    return free - RESERVE


def unpack(archive: Path, target: Path, *, deep: bool = True) -> None:
    """Unpack regular files of ``archive`` below ``target``; without ``deep`` none that lie in a folder there.

    Raises Hostile before anything is written that is not fit, NoRoom, and OSError for other trouble with our disk.
    """
    target.mkdir(parents=True, exist_ok=True)
    limit = min(BYTES_LIMIT, int(room(target) * SHARE_OF_FREE))
    files: set[str] = set()
    folders: set[str] = set()
    bytes_left = limit
    try:
        with gzip.open(archive, "rb") as raw:
            for source, member in _members(_Bounded(raw, limit)):
                bytes_left -= member.size
                if bytes_left < 0 or len(files) + len(folders) > MEMBERS_LIMIT:
                    raise Hostile(f"more than {limit} bytes or {MEMBERS_LIMIT} files and folders")
                _check(member, files, folders)
                if deep or "/" not in member.name:
                    room(target)  # the others bring theirs meanwhile
                    _write(source, member, target)
    # Whatever tarfile stumbles over in what a stranger wrote; trouble with our own disk is an OSError.
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValueError, RecursionError) as problem:
        raise Hostile(f"not a whole archive: {plain(problem, 200)}") from problem
    except (ArithmeticError, LookupError, TypeError) as problem:
        raise Hostile(f"not an archive: {type(problem).__name__}") from problem


class _Bounded(io.RawIOBase):
    """An unpacked stream that ends in Hostile where it goes on for too long, or is asked for too much at once."""

    def __init__(self, raw: gzip.GzipFile, limit: int) -> None:
        self._raw = raw
        self._most = limit + _AROUND * (MEMBERS_LIMIT + 1)

    def read(self, size: int | None = -1, /) -> bytes:
        """As of a file."""
        if size is None or not 0 <= size <= PIECE_LIMIT:
            raise Hostile(f"a header of {size} bytes")
        self._bound(self._raw.tell() + size)
        return self._raw.read(size)

    def seek(self, position: int, whence: int = os.SEEK_SET, /) -> int:
        """Forward only: what was passed over would be unpacked anew for each step back."""
        if whence != os.SEEK_SET or position < self._raw.tell():
            raise Hostile("its members do not follow each other")
        self._bound(position)
        return self._raw.seek(position)

    def tell(self) -> int:
        """As of a file."""
        return self._raw.tell()

    def _bound(self, position: int) -> None:
        if position > self._most:
            raise Hostile(f"more than {self._most} bytes, unpacked")


def _members(stream: _Bounded) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    """One after the other, and none is kept in memory."""
    with tarfile.open(fileobj=stream, mode="r:", ignore_zeros=False) as source:
        while (member := source.next()) is not None:
            source.members.clear()  # type: ignore[attr-defined]  # kept by tarfile for looking names up
            yield source, member


def _write(source: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one regular file, by hand: the filters of ``extract`` came with Python 3.11.4, Debian 12 has 3.11.2."""
    path = target / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = source.extractfile(member)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o644), "wb") as stream:
        if data is not None:
            shutil.copyfileobj(data, stream, 64 * 1024)


def _check(member: tarfile.TarInfo, files: set[str], folders: set[str]) -> None:
    """Raises Hostile; ``files`` and ``folders`` are the names so far, and get this one's."""
    name, path, shown = member.name, PurePosixPath(member.name), plain(member.name, 100)
    if path.is_absolute() or ".." in path.parts:
        raise Hostile(f"`{shown}` leads out of its folder")
    # Links, devices and pipes; and sparse files, which are larger than what they bring.
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse() or member.size < 0:
        raise Hostile(f"`{shown}` is no regular file")
    if str(path) != name or plain(name) != name or "\n" in name or "\t" in name or "\\" in name:
        raise Hostile(f"`{shown}` is no name")
    if len(name.encode()) > PATH_BYTES or any(len(part.encode()) > NAME_BYTES for part in path.parts):
        raise Hostile(f"`{shown}` is too long a name")
    above = {str(parent) for parent in path.parents}
    if name in files or name in folders or above & files or not path.name:
        raise Hostile(f"`{shown}` stands there twice")
    files.add(name)
    folders.update(above)
