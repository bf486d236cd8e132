"""What a system tells of the memory of one process."""

from __future__ import annotations

from typing import NamedTuple


class Memory(NamedTuple):
    """In bytes, as ``store/sample_lines.py`` explains them; None: this system, or this kernel, does not tell."""

    rss: int | None
    private: int | None
    pss: int | None = None
    uss: int | None = None
    anonymous: int | None = None
