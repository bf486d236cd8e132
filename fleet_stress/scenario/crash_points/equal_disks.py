"""Which points leave the very same disk: one visit stands for all of them.

A bot that is dead has nothing but the disk. After a kill it is the one after so many operations that change something:
what opens or syncs a file changes nothing, and killed after one is killed before the next. After a power cut it is that
one without what was not durable; where all was, it is the same as after a kill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.scenario.crash_points.operations import Operation

_SYNC = ("fsync", "fdatasync")
_KILL = {"kill"}
_CUT = {"kill", "forget"}

#: What a disk is known by.
Disk = tuple[Any, ...]


def disk_of(
    answer: Mapping[str, Any], operations: Sequence[Operation], begins: int, index: int
) -> Disk | None:
    """Which disk a bot finds that was stopped by ``answer``; points with the same are equal. None: unlike any.

    Args:
        answer: Effects of a rule.
        operations: All of the recording: what lies before a cycle may not be durable in it.
        begins: The cycle's first operation.
        index: The operation, counted from there.
    """
    if set(answer) - {"like"} not in (_KILL, _CUT):
        return None  # a bot that goes on knows what it was doing
    end = begins + index + (answer["kill"] == "after")
    killed = "kill", sum(one.changes for one in operations[begins:end])
    if "forget" not in answer:
        return killed
    done = [one for one in operations[:end] if one.folder == operations[begins + index].folder]
    lost = _lost(answer["forget"], _unsynced(done), _unsettled(done, answer.get("like", "ext4")))
    if lost is None:
        return killed
    # Of metadata alone all journals lose the same. What is durable is another with each operation but mere opening.
    like = answer.get("like", "ext4") if "data" in lost or answer.get("like") == "posix" else "a journal"
    return lost, like, sum(one.changes or one.name in _SYNC for one in operations[begins:end])


def loses_nothing(disk: Disk | None) -> bool:
    """Whether it is the disk that a kill leaves."""
    return disk is not None and disk[0] == "kill"


def _lost(forget: str, data: bool, entries: bool) -> str | None:
    """What a power cut takes that takes ``forget``, where there is data or metadata that is not durable."""
    takes = [
        name for name, there in (("data", data), ("entries", entries)) if there and forget in (name, "both")
    ]
    return "+".join(takes) or None


def _unsynced(operations: Sequence[Operation]) -> bool:
    """Whether bytes of a file were not synced since they were written, as far as names tell: rather once too often."""
    written: set[str] = set()
    for one in operations:
        first = one.paths[0]
        if one.name in _SYNC or (one.name == "unlink" and one.changes):
            written.discard(first)
        elif one.name == "rename" and one.changes:
            moved = first in written
            written -= {first, one.paths[1]}
            written |= {one.paths[1]} if moved else set()
        elif one.changes and one.name in ("write", "truncate", "open", "fallocate"):
            written.add(first)
    return bool(written)


def _unsettled(operations: Sequence[Operation], like: str) -> bool:
    """Whether names, sizes or modes were not made durable.

    Where the journal is one for all (``durable.LIKE``), an fsync of the folder itself settles all, and that of a file
    what was done before the last change of it.
    """
    last: str | None = None
    for one in operations:
        if one.name == "fsync" and one.paths[0] in (".", last) and like != "posix":
            last = None
        elif one.changes:
            last = one.paths[-1]
    return last is not None
