"""What a watched start left: its looks at the bot's files, in order, and what was in them.

It comes from a host and a stranger's bot: whatever is read of it is bounded and may be nonsense.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.untrusted.bounded_json import open_regular, read_json

_EVIDENCE_LIMIT = 50_000_000
#: Bytes that are read of one file of the bot's, and of an output.
CONTENT_LIMIT = 1_000_000


class Look(NamedTuple):
    """One file at one look: during which ``start``, ``at`` how many seconds, and where its copy is."""

    start: int
    at: float
    mtime: float
    size: int
    sha256: str
    copy: str
    #: Whether it was seen while the bot ran; else after it had ended.
    running: bool
    #: Whether this start had written it by then; else it is what an earlier one left.
    of_this_start: bool


class Watched:
    """The evidence of the scenario ``watched_start`` in a folder."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError and ValueError if there is none."""
        self.folder = folder
        self.document: Mapping[str, Any] = read_json(folder / "evidence.json", _EVIDENCE_LIMIT)
        self.starts: list[Mapping[str, Any]] = self.document["starts"]

    def files(self) -> dict[str, list[Look]]:
        """By key: each look at it, in order."""
        found: dict[str, list[Look]] = {}
        taken = sorted(self.document["snapshots"].items(), key=lambda item: item[1]["at"])
        for name, snapshot in taken:
            start = self._start_at(snapshot["at"])
            if start is None or name.endswith("-before"):
                continue
            for key, entry in snapshot["files"].items():
                copy = f"{name}/{key}{'.read' if entry.get('read') else ''}"
                began = next(item["wall"] for item in self.starts if item["n"] == start)
                look = Look(
                    start,
                    snapshot["at"],
                    entry["mtime"],
                    entry["size"],
                    entry["sha256"] or "",
                    copy,
                    "look" in name,
                    entry["mtime"] >= began,
                )
                found.setdefault(key, []).append(look)
        return found

    def content(self, copy: str) -> bytes | None:
        """A copy of a bot's file, within limits; None: there is none."""
        path = Path(self.folder, copy)
        if not path.resolve().is_relative_to(self.folder.resolve()):
            return None
        try:
            with open_regular(path) as (stream, size):
                return stream.read(CONTENT_LIMIT) if size <= CONTENT_LIMIT else None
        except OSError:
            return None

    def output(self, start: Mapping[str, Any], stream: str) -> str:
        """What a start printed to ``stdout`` or ``stderr``, the first of it."""
        try:
            with open_regular(Path(self.folder, Path(start[stream]).name)) as (opened, _):
                return opened.read(CONTENT_LIMIT).decode("utf-8", "replace")
        except OSError:
            return ""

    def printed(self, stream: str) -> Iterator[tuple[int, str]]:
        """Each start's number with what it printed."""
        for start in self.starts:
            yield start["n"], self.output(start, stream)

    @property
    def finished(self) -> Mapping[str, Any] | None:
        """The third start, if it ended by itself, as it was asked to after some cycles."""
        if len(self.starts) < 3:
            return None
        ended = self.starts[2]["exit"] or {}
        return self.starts[2] if ended.get("by") == "itself" and ended.get("code") is not None else None

    @property
    def asked_cycles(self) -> int:
        """How many cycles the third start was asked for."""
        return int(self.starts[2]["settings"].get("max_cycles", 0)) if len(self.starts) > 2 else 0

    @property
    def asked_interval(self) -> float:
        """Seconds between two cycles that the first start was asked for."""
        return float(self.starts[0]["settings"].get("scan_interval", 0)) if self.starts else 0.0

    def _start_at(self, at: float) -> int | None:
        begun = [start["n"] for start in self.starts if start["at"] <= at]
        return max(begun, default=None)
