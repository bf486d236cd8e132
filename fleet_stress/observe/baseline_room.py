"""What a bot's folders held at most in the baseline: a volume for them must not be the fault by its size alone."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

_BASELINE = "baseline"


class Room(NamedTuple):
    """Of some folders together."""

    bytes: int
    files: int


def of(evidence: Path, folders: Collection[str]) -> Room:
    """The most after a start of the baseline in ``folders`` (``state``, ``log``); none where no baseline was run.

    ``evidence``: the folder of another scenario's evidence in the same run.
    """
    try:
        document = json.loads((evidence.parent / _BASELINE / "evidence.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Room(0, 0)
    most = Room(0, 0)
    for snapshot in document["snapshots"].values():
        sizes = [
            int(file["size"]) for key, file in snapshot["files"].items() if key.partition("/")[0] in folders
        ]
        most = Room(max(most.bytes, sum(sizes)), max(most.files, len(sizes)))
    return most
