"""Unpacking a host's archive. A host is not trusted: it may not leave its folder or fill our disk."""

from __future__ import annotations

import tarfile
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
                source.extract(member, target, filter="data")
    except tarfile.TarError as problem:
        raise Hostile(f"not a whole archive: {problem}") from problem


def _check(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise Hostile(f"{member.name!r} leads out of its folder")
    if not member.isreg():
        raise Hostile(f"{member.name!r} is no regular file")
