"""The journal of what is held by hand: outside any run, so that it outlives whoever made it; ``recover`` reads it."""

from __future__ import annotations

from pathlib import Path

from fleet_stress.journal import Journal

#: Below our folder.
JOURNAL = "by_hand/journal.jsonl"


def opened(stress_dir: Path) -> Journal:
    """The journal, made if missing; to be closed. Raises OSError."""
    path = stress_dir / JOURNAL
    path.parent.mkdir(mode=0o755, exist_ok=True)
    return Journal(path, "by_hand")
