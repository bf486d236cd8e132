"""Which points leave equal disks: one visit represents them all.

A dead bot leaves only its disk. A kill leaves the disk after a number of operations that change something: opening or
syncing a file changes nothing, and a kill after one operation is a kill before the next. A power cut leaves the same
disk without what was not durable; where everything was durable, it equals that of a kill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.scenario.crash_points.operations import Operation

_SYNC = ("fsync", "fdatasync")
_KILL = {"kill"}
_CUT = {"kill", "forget"}

#: What identifies a disk.
Disk = tuple[Any, ...]


def disk_of(
    answer: Mapping[str, Any], operations: Sequence[Operation], begins: int, index: int
) -> Disk | None:
    """The disk that a bot finds after ``answer`` stopped it: equal for equal points. None: no other point has it.

    Args:
        answer: Effects of a rule.
        operations: All of the recording: what was done before a cycle may not be durable in it.
        begins: The cycle's first operation.
        index: The operation, counted from there.
    """
    if set(answer) - {"like"} not in (_KILL, _CUT):
        return None  # a bot that goes on knows what it was doing
    end = begins + index + (answer["kill"] != "before")
    changes = sum(operation.changes for operation in operations[begins:end])
    killed = ("kill", changes, "half") if answer["kill"] == "half" else ("kill", changes)
    if "forget" not in answer:
        return killed
    done = [
        operation for operation in operations[:end] if operation.folder == operations[begins + index].folder
    ]
    lost = _lost(answer["forget"], done, answer.get("like", "ext4"))
    if lost is None:
        return killed
    # Of metadata alone all journals lose the same. What is durable changes with each operation, except opening.
    like = answer.get("like", "ext4") if lost != "entries" or answer.get("like") == "posix" else "a journal"
    return (
        lost,
        like,
        answer["kill"] == "half",
        sum(operation.changes or operation.name in _SYNC for operation in operations[begins:end]),
    )


def loses_nothing(disk: Disk | None) -> bool:
    """Whether it is the disk that a kill leaves."""
    return disk is not None and disk[0] == "kill"


def _lost(forget: str, done: Sequence[Operation], like: str) -> str | None:
    """What a power cut that takes ``forget`` loses, where there is data or metadata that is not durable."""
    if forget == "half":
        return forget if _unsynced(done, by=("write",)) else None
    there = (("data", _unsynced(done)), ("entries", _unsettled(done, like)))
    takes = [name for name, found in there if found and forget in (name, "both")]
    return "+".join(takes) or None


def _unsynced(
    operations: Sequence[Operation], by: Sequence[str] = ("write", "truncate", "open", "fallocate")
) -> bool:
    """Whether bytes of a file were not synced since they were written, judged by names; in doubt, yes."""
    written: set[str] = set()
    for operation in operations:
        first = operation.paths[0]
        if operation.name in _SYNC or (operation.name == "unlink" and operation.changes):
            written.discard(first)
        elif operation.name == "rename" and operation.changes:
            moved = first in written
            written -= {first, operation.paths[1]}
            written |= {operation.paths[1]} if moved else set()
        elif operation.changes and operation.name in by:
            written.add(first)
    return bool(written)


def _unsettled(operations: Sequence[Operation], like: str) -> bool:
    """Whether names, sizes or modes were not made durable.

    Where one journal serves all (``durability.LIKE``), an fsync of the folder itself settles everything, and an fsync
    of a file settles what was done before the file's last change.
    """
    last: str | None = None
    for operation in operations:
        if operation.name == "fsync" and operation.paths[0] in (".", last) and like != "posix":
            last = None
        elif operation.changes:
            last = operation.paths[-1]
    return last is not None
