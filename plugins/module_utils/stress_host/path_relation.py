"""How one folder lies to another, by what the file system says and not by names."""

from __future__ import annotations

from pathlib import Path

#: Identity of a folder that exists: device and inode.
Identity = tuple[int, int]


def relation(folder: str, other: str) -> str | None:
    """How ``folder`` lies to ``other``: ``equal``, ``above``, ``below`` or None."""
    (way, rest), (other_way, other_rest) = steps_to(folder), steps_to(other)
    if not way or not other_way:
        return None
    if way[-1] == other_way[-1]:
        shorter = min(len(rest), len(other_rest))
        if rest[:shorter] != other_rest[:shorter]:
            return None
        if len(rest) == len(other_rest):
            return "equal"
        return "above" if len(rest) < len(other_rest) else "below"
    if not rest and way[-1] in other_way:
        return "above"
    if not other_rest and other_way[-1] in way:
        return "below"
    return None


def steps_to(path: str) -> tuple[list[Identity], tuple[str, ...]]:
    """Identities of the existing folders on the way to a path, and the names of the missing rest.

    Identities rather than names: bind mounts and the other root of a container are seen through.
    """
    parts = Path(path).parts
    identities: list[Identity] = []
    for count in range(1, len(parts) + 1):
        try:
            status = Path(*parts[:count]).stat()
        except OSError:
            return identities, parts[count - 1 :]
        identities.append((status.st_dev, status.st_ino))
    return identities, ()
