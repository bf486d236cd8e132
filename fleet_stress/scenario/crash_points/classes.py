"""The operations of a steady cycle, and what they are called: operation, file, and the how manieth of its kind.

Pure functions over a recording.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from fleet_stress.scenario.crash_points.operations import Operation

#: Parts of a temporary file's name that are another one each time: a random word of tempfile(3) or mkstemp(3), a pid,
#: a time. Six letters or digits at least, with a digit or both cases among them, between what separates.
_SEPARATED = re.compile(r"([^A-Za-z0-9_]+)")
_WORD = re.compile(r"[A-Za-z0-9_]{6,}")
#: What a shell or Ansible's ``-e`` could take for something else.
_UNSAFE = re.compile(r"[^\w./:@,+*~-]", re.ASCII)
_NUMBER = re.compile(r"\d{3,}")
#: As Python's tempfile makes them, which may have no digit.
_TEMPFILE = re.compile(r"tmp[a-z0-9_]{8}")


class Class(NamedTuple):
    """Operations that are the same in each cycle."""

    operation: str
    folder: str
    #: Paths in the folder, ``*`` for what is another each time.
    paths: tuple[str, ...]
    #: The how manieth of its kind in the cycle, from 1 on.
    nth: int

    @property
    def told(self) -> str:
        """For people: ``rename state/a.tmp → a`` (the second of its kind: ``(2)``)."""
        there = f" → {self.paths[1]}" if len(self.paths) > 1 else ""
        more = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.operation} {self.folder}/{self.paths[0]}{there}{more}"

    @property
    def word(self) -> str:
        """The same in one word, to be named in a command; whatever a bot calls its files, it is safe in a shell."""
        there = f"+{self.paths[1]}" if len(self.paths) > 1 else ""
        return _UNSAFE.sub("_", f"{self.operation}:{self.folder}/{self.paths[0]}{there}:{self.nth}")


class Steady(NamedTuple):
    """A steady cycle of a recording."""

    #: Where it lies in the recording: the first of its operations, and the first after it.
    begins: int
    ends: int
    #: The class of each operation of it.
    classes: tuple[Class, ...]
    #: Whether the cycle before it had the same ones.
    twice: bool


def masked(path: str) -> str:
    """A path with ``*`` for each part that looks made up anew each time."""
    return "/".join(_masked(part) for part in path.split("/"))


def _masked(name: str) -> str:
    parts = _SEPARATED.split(name)
    return "".join("*" if _made_up(part) else part for part in parts)


def _made_up(part: str) -> bool:
    if _NUMBER.fullmatch(part) or _TEMPFILE.fullmatch(part):
        return True
    if not _WORD.fullmatch(part):
        return False
    # A word that people chose has its digits at the end, if any, and one kind of letters within.
    core = part.rstrip("0123456789").strip("_")
    digits = any(one.isdigit() for one in core)
    mixed = core[1:] != core[1:].lower() and core[1:] != core[1:].upper()
    return not core or digits or mixed


def classes_of(operations: Iterable[Operation]) -> tuple[Class, ...]:
    """The class of each operation of one cycle."""
    seen: Counter[tuple[str, str, tuple[str, ...]]] = Counter()
    found = []
    for one in operations:
        kind = (one.name, one.folder, tuple(masked(path) for path in one.paths))
        seen[kind] += 1
        found.append(Class(*kind, seen[kind]))
    return tuple(found)


def cycle_ends(operations: Sequence[Operation], folder: str, path: str) -> list[int]:
    """After which operations a cycle is over, where a file tells its end: after the last in a row that touch it.

    What makes them durable, an fsync of the folder that the file lies in, belongs to them. ``path`` is the file's,
    in ``folder``.
    """

    def touches(one: Operation) -> bool:
        return one.folder == folder and path in one.paths

    def goes_on(one: Operation) -> bool:
        settles = one.name == "fsync" and one.folder == folder and one.paths[0] == parent
        return settles or touches(one)

    parent = str(PurePosixPath(path).parent)
    ends: list[int] = []
    for index, one in enumerate(operations):
        if ends and ends[-1] == index and goes_on(one):
            ends[-1] = index + 1
        elif touches(one):
            ends.append(index + 1)
    return ends


def ends_at(operations: Sequence[Operation], moments: Iterable[float]) -> list[int]:
    """After which operations a cycle is over, where all that is known is when it was seen to be."""
    found: list[int] = []
    for moment in moments:
        before = [index for index, one in enumerate(operations) if one.at <= moment]
        if before and (not found or before[-1] + 1 > found[-1]):
            found.append(before[-1] + 1)
    return found


def steady(operations: Sequence[Operation], ends: Sequence[int]) -> Steady | None:
    """The last whole cycle but one that was like the one before it, else the last whole one; None: there is none.

    The first cycle is never it: a bot starts up in it. What comes after the last end is none either.
    """
    cycles = list(zip(ends, ends[1:]))
    known = [
        (begins, after, classes_of(operations[begins:after])) for begins, after in cycles if after > begins
    ]
    for earlier, later in reversed(list(zip(known, known[1:]))):
        if set(earlier[2]) == set(later[2]):
            return Steady(*later, twice=True)
    return Steady(*known[-1], twice=False) if known else None
