"""Linux: on which ports somebody listens (proc(5), /proc/net/tcp)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["listening_ports"]

#: The word for a listening socket (<net/tcp_states.h>), and where its table is, by family.
_LISTENS = "0A"
_TABLES = {"4": "/proc/thread-self/net/tcp", "6": "/proc/thread-self/net/tcp6"}


def listening_ports() -> dict[int, str]:
    """The ports on which somebody listens in the calling thread's network, and the family that reaches each there."""
    found: dict[int, str] = {}
    for family, table in _TABLES.items():
        for port in _ports(table):
            found.setdefault(port, family)
    return found


def _ports(table: str) -> Iterator[int]:
    try:
        lines = Path(table).read_text(encoding="ascii").splitlines()[1:]
    except OSError:  # a kernel without this family
        return
    for line in lines:
        words = line.split()
        if len(words) > 3 and words[3] == _LISTENS:
            yield int(words[1].rpartition(":")[2], 16)
