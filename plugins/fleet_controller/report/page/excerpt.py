"""What the bot said around a failure: the first traceback with its surroundings, else the end. Never all of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.text import plain
from fleet_controller.report.page.links import inside
from fleet_controller.report.page.seen import Seen, Start
from fleet_controller.untrusted.bounded_json import open_regular

#: Of a file so much of its beginning is searched, and so much of its end shown at most. Bytes.
SEARCHED, END = 1_000_000, 32_000
#: Lines before a traceback, from it on, and at the end of what has none; characters of a line, and of an excerpt.
BEFORE, FROM, LAST = 4, 36, 24
LINE_LIMIT, TEXT_LIMIT = 300, 6_000
#: Files that are shown of one scenario.
FILES = 3
_TRACEBACK = "Traceback (most recent call last)"


class Piece(NamedTuple):
    """A piece of a text."""

    text: str
    #: Number of its first line, from 1; None where it is an end whose beginning nobody counted.
    line: int | None
    #: Whether a traceback is why this piece was chosen.
    traceback: bool
    #: Whether there is more of the text before or after it.
    cut: bool


def excerpts(folder: Path, seen: Seen, named: Sequence[str]) -> list[dict[str, Any]]:
    """Of the files that tell most of a failure what a person reads first; ``named``: those that findings name.

    Each has ``file`` (below the scenario's evidence), ``text``, ``line``, ``traceback`` and ``cut``.
    """
    found: list[tuple[str, Piece]] = []
    for name in dict.fromkeys([*named, *_of_starts(seen.starts), *seen.output]):
        path = inside(folder, name)
        one = None if path is None else _piece(path)
        if one is not None:
            found.append((name, one))
    # What was named comes first, and of all others those with a traceback.
    found.sort(key=lambda item: (item[0] not in named, not item[1].traceback))
    return [{"file": plain(name, 300), **item._asdict()} for name, item in found[:FILES]]


def around(text: str, whole: bool = True) -> Piece:
    """The first traceback of a text with its surroundings, or the end of it; ``whole``: the text is all there is."""
    lines = text.splitlines()
    first = next((place for place, line in enumerate(lines) if _TRACEBACK in line), None)
    begin = max(0, len(lines) - LAST) if first is None else max(0, first - BEFORE)
    end = len(lines) if first is None else min(len(lines), first + FROM)
    shown = "\n".join(plain(line, LINE_LIMIT) for line in lines[begin:end])
    cut = begin > 0 or end < len(lines) or not whole
    known = first is not None or whole
    return Piece(plain(shown, TEXT_LIMIT), begin + 1 if known else None, first is not None, cut)


def _of_starts(starts: Sequence[Start]) -> list[str]:
    """Output of starts: of those that ended badly, then of the newest; a scenario may have hundreds of them."""
    order = sorted(starts, key=lambda start: (not start.bad, -start.n))
    return [name for item in order[:8] for name in item.output]


def _piece(path: Path) -> Piece | None:
    """The piece of a file to show; None: there is no such file, or nothing in it."""
    try:
        with open_regular(path) as (stream, size):
            head = stream.read(SEARCHED).decode("utf-8", "replace")
            if _TRACEBACK in head or size <= SEARCHED:
                return around(head, whole=size <= SEARCHED) if head.strip() else None
            stream.seek(size - END)
            return around(stream.read(END).decode("utf-8", "replace"), whole=False)
    except OSError:
        return None
