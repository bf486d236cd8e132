"""Unpacking a host's archive. A host is not trusted: it may not leave its folder or fill our disk."""

from __future__ import annotations

import os
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath

#: The most that one host may bring, unpacked: evidence is limited to far less by the plan.
BYTES_LIMIT = 500_000_000
MEMBERS_LIMIT = 50_000


class Hostile(Exception):
    """An archive holds what no host of ours would send."""


def unpack(archive: Path, target: Path) -> None:
    """Unpack regular files of ``archive`` below ``target``; raises Hostile before writing what is not fit."""
    bytes_left, members_left = BYTES_LIMIT, MEMBERS_LIMIT
    try:
        with tarfile.open(archive, "r:gz") as source:
            for member in source:
                bytes_left -= member.size
                members_left -= 1
                if bytes_left < 0 or members_left < 0:
                    raise Hostile(f"more than {BYTES_LIMIT} bytes or {MEMBERS_LIMIT} files")
                _check(member)
                _write(source, member, target)
    except (tarfile.TarError, EOFError, zlib.error) as problem:
        raise Hostile(f"not a whole archive: {problem}") from problem


def _write(source: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> None:
    """Write one regular file, by hand: the filters of ``extract`` came with Python 3.11.4, Debian 12 has 3.11.2."""
    path = target / member.name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = source.extractfile(member)
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o644), "wb") as stream:
        if data is not None:
            shutil.copyfileobj(data, stream)


def _check(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise Hostile(f"{member.name!r} leads out of its folder")
    if not member.isreg():
        raise Hostile(f"{member.name!r} is no regular file")
