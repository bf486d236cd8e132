"""Whether a bot leaves more files with each start: then it takes more of them to see where that ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def files_pile_up(document: Mapping[str, Any]) -> bool:
    """Whether the newest start in the evidence has left more files than the one before; not before there are two."""
    ended = [start["after"] for start in document["starts"] if start["after"]]
    if len(ended) < 2:
        return False
    earlier, newest = (_files(document, name) for name in ended[-2:])
    return newest > earlier


def _files(document: Mapping[str, Any], snapshot: str) -> int:
    """How many files of the bot a snapshot lists."""
    files = document["snapshots"][snapshot]["files"].values()
    return sum(not file["ours"] for file in files)
