"""What the operations of a cycle are called: operation, file, and its ordinal among its kind. Pure functions."""

from __future__ import annotations

import re
from typing import NamedTuple

#: What a shell or Ansible's ``-e`` could interpret.
_UNSAFE = re.compile(r"[^\w./:@,+*~-]", re.ASCII)


class Class(NamedTuple):
    """What an operation has in common with its counterparts in other cycles."""

    operation: str
    folder: str
    #: Paths in the folder, ``*`` for what changes each time.
    paths: tuple[str, ...]
    #: Its ordinal among its kind in the cycle, from 1 on.
    nth: int

    @property
    def kind(self) -> str:
        """The operation and the file, for people: ``rename state/a.tmp → a``."""
        there = f" → {self.paths[1]}" if len(self.paths) > 1 else ""
        return f"{self.operation} {self.folder}/{self.paths[0]}{there}"

    @property
    def summary(self) -> str:
        """For people: ``rename state/a.tmp → a`` (the second of its kind: ``(2)``)."""
        return f"{self.kind} ({self.nth})" if self.nth > 1 else self.kind

    @property
    def word(self) -> str:
        """The same in one word, for a command line; safe in a shell, whatever a bot calls its files."""
        there = f"+{self.paths[1]}" if len(self.paths) > 1 else ""
        return _UNSAFE.sub("_", f"{self.operation}:{self.folder}/{self.paths[0]}{there}:{self.nth}")
