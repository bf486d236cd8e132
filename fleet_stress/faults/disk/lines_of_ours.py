"""Lets the bot's text logs grow to a size, by numbered lines of ours, so that one that is lost is seen.

The bot may be writing meanwhile: each write of ours appends whole lines at once, so that no line of its is torn.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fleet_stress.faults.site import Site
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.store.bare_python import no_links
from fleet_stress.system.process import User

#: Bytes of a line of ours with its end, usually; the last one is longer, so that the size comes out to the byte.
_LINE = 100
#: Bytes of one write, about.
_AT_ONCE = 60_000


class Grown(NamedTuple):
    """A log that has grown: bytes before and after, which file it is, when it was written (ns since the epoch).

    ``last_line`` is what our last line begins with; empty where there was no room for one.
    """

    before: int
    size: int
    inode: int
    written_at: int
    last_line: str


class Limited(NamedTuple):
    """A text log of the bot's that is rotated at so many bytes."""

    log: Tracked
    limit: int


def limited_logs(site: Site, role: str | None) -> list[Limited]:
    """The bot's logs with ``max_bytes``, or the one with this role. Raises OSError where its profile names none."""
    found = [
        Limited(site.files[name], int(entry["max_bytes"]))
        for name, entry in site.bot["logs"].items()
        if role in (None, name) and entry.get("max_bytes")
    ]
    if not found:
        raise OSError("the bot profile names no text log with max_bytes, so there is no rotation to meet")
    return found


def grow(path: Path, target: int, user: User, line: int = _LINE) -> Grown:
    """Append lines of ``line`` bytes until the file has just ``target``, where nobody else writes to it.

    Raises OSError, also for what is no regular file.
    """
    owner = (user.uid, user.gid) if os.geteuid() == 0 else None
    if not os.path.lexists(path.parent):
        no_links.make_folder(path.parent, 0o755, owner)
    descriptor = no_links.open_regular(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    with os.fdopen(descriptor, "ab", buffering=2 * _AT_ONCE) as stream:
        if owner is not None:
            _must_not_be_of_others(descriptor, owner[0], path)
            os.fchown(descriptor, *owner)
        before = os.fstat(descriptor).st_size
        last = ""
        for lines, begins in _lines(target - before, line):
            stream.write(lines)
            stream.flush()
            last = begins
        after = os.fstat(descriptor)
    return Grown(before, after.st_size, after.st_ino, after.st_mtime_ns, last)


def _lines(size: int, usual: int) -> Iterator[tuple[bytes, str]]:
    """So many bytes in pieces of whole lines, each with what its last line begins with."""
    stamp, number, piece = time.strftime("%Y-%m-%d %H:%M:%S,000"), 0, []
    while size > 0:
        number += 1
        said = f"fleet-stress line {number:08d} "
        length = size if size < 2 * usual else usual
        line = f"{stamp} INFO {said}of what a bot logs in months "
        piece.append(f"{line:.<{length - 1}}"[: length - 1] + "\n")
        size -= length
        if not size or len(piece) >= _AT_ONCE // usual:
            yield "".join(piece).encode(), said if length >= usual else ""
            piece = []


def _must_not_be_of_others(descriptor: int, owner: int, path: Path) -> None:
    """Refuse to give away what is somebody else's and has words in it: a hard link brought it here. Raises OSError."""
    status = os.fstat(descriptor)
    if status.st_uid != owner and status.st_size:
        raise OSError(errno.EPERM, "a file that belongs to others", str(path))
