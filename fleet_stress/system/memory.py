"""What a system tells of the memory of one process, as ``store/sample_lines.py`` explains it."""

from __future__ import annotations

from typing import NamedTuple


class Memory(NamedTuple):
    """In bytes; None: this system does not tell."""

    rss: int | None
    private: int | None


class Pages(NamedTuple):
    """What only a walk through all its pages tells. In bytes; None: this system, or this kernel, does not tell."""

    pss: int | None = None
    uss: int | None = None
    anonymous: int | None = None
