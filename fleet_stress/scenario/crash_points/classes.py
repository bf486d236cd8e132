"""The operations of a steady cycle, and what they are called: operation, file, and its ordinal among its kind.

Pure functions over a recording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from fleet_stress.scenario.crash_points.operations import Operation

#: Parts of a temporary file's name that change each time: a random word of tempfile(3) or mkstemp(3), a pid,
#: a time. Six letters or digits at least, with a digit or both cases among them, between what separates.
_SEPARATED = re.compile(r"([^A-Za-z0-9_]+)")
_WORD = re.compile(r"[A-Za-z0-9_]{6,}")
#: What a shell or Ansible's ``-e`` could interpret.
_UNSAFE = re.compile(r"[^\w./:@,+*~-]", re.ASCII)
_NUMBER = re.compile(r"\d{3,}")
#: As Python's tempfile makes them, which may have no digit.
_TEMPFILE = re.compile(r"tmp[a-z0-9_]{8}")


class Class(NamedTuple):
    """Operations that are the same in each cycle."""

    operation: str
    folder: str
    #: Paths in the folder, ``*`` for what changes each time.
    paths: tuple[str, ...]
    #: Its ordinal among its kind in the cycle, from 1 on.
    nth: int

    @property
    def summary(self) -> str:
        """For people: ``rename state/a.tmp → a`` (the second of its kind: ``(2)``)."""
        there = f" → {self.paths[1]}" if len(self.paths) > 1 else ""
        more = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.operation} {self.folder}/{self.paths[0]}{there}{more}"

    @property
    def word(self) -> str:
        """The same in one word, for a command line; safe in a shell, whatever a bot calls its files."""
        there = f"+{self.paths[1]}" if len(self.paths) > 1 else ""
        return _UNSAFE.sub("_", f"{self.operation}:{self.folder}/{self.paths[0]}{there}:{self.nth}")


class Steady(NamedTuple):
    """A steady cycle of a recording."""

    #: Where it is in the recording: the index of its first operation, and of the first after it.
    begins: int
    ends: int
    #: The class of each operation of it.
    classes: tuple[Class, ...]
    #: Whether the cycle before it had the same classes.
    twice: bool


def masked(path: str) -> str:
    """A path with ``*`` for each part that looks generated."""
    return "/".join(_masked(part) for part in path.split("/"))


def _masked(name: str) -> str:
    parts = _SEPARATED.split(name)
    return "".join("*" if _made_up(part) else part for part in parts)


def _made_up(part: str) -> bool:
    if _NUMBER.fullmatch(part) or _TEMPFILE.fullmatch(part):
        return True
    if not _WORD.fullmatch(part):
        return False
    # A word chosen by a person has digits only at its end, and either upper or lower case within.
    core = part.rstrip("0123456789").strip("_")
    digits = any(character.isdigit() for character in core)
    mixed = core[1:] != core[1:].lower() and core[1:] != core[1:].upper()
    return not core or digits or mixed


def classes_of(operations: Iterable[Operation]) -> tuple[Class, ...]:
    """The class of each operation of one cycle."""
    seen: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    found = []
    for operation in operations:
        kind = (operation.name, operation.folder, tuple(masked(path) for path in operation.paths))
        seen[kind] += 1
        found.append(Class(*kind, seen[kind]))
    return tuple(found)


def cycle_ends(operations: Sequence[Operation], folder: str, path: str) -> list[int]:
    """After which operations a cycle ends, where a file marks its end: after the last in a row that touch the file.

    An fsync of the folder that the file is in, which makes them durable, belongs to them. ``path`` is the file's,
    in ``folder``.
    """

    def touches(operation: Operation) -> bool:
        return operation.folder == folder and path in operation.paths

    def goes_on(operation: Operation) -> bool:
        settles = operation.name == "fsync" and operation.folder == folder and operation.paths[0] == parent
        return settles or touches(operation)

    parent = str(PurePosixPath(path).parent)
    ends: list[int] = []
    for index, operation in enumerate(operations):
        if ends and ends[-1] == index and goes_on(operation):
            ends[-1] = index + 1
        elif touches(operation):
            ends.append(index + 1)
    return ends


def ends_at(operations: Sequence[Operation], moments: Iterable[float]) -> list[int]:
    """After which operations a cycle ends, where only the moment is known at which its end was seen."""
    found: list[int] = []
    for moment in moments:
        before = [index for index, operation in enumerate(operations) if operation.at <= moment]
        if before and (not found or before[-1] + 1 > found[-1]):
            found.append(before[-1] + 1)
    return found


def steady(operations: Sequence[Operation], ends: Sequence[int]) -> Steady | None:
    """The last complete cycle that is like the one before it, else the last complete one; None: there is none.

    It is never the first cycle, in which a bot starts up, nor what comes after the last end.
    """
    cycles = list(zip(ends, ends[1:]))
    known = [
        (begins, after, classes_of(operations[begins:after])) for begins, after in cycles if after > begins
    ]
    for earlier, later in reversed(list(zip(known, known[1:]))):
        if set(earlier[2]) == set(later[2]):
            return Steady(*later, twice=True)
    return Steady(*known[-1], twice=False) if known else None
