"""Which line of a bot's output comes once in each cycle: by what is constant in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_VARYING = re.compile(r"[0-9a-f]{8,}|-?\d+(?:[.:,-]\d+)*", re.IGNORECASE)
_SHORTEST, _MOST_LINES = 5, 5_000


class CycleLine(NamedTuple):
    """``pattern`` is a regular expression; ``proved``: as many lines as cycles were asked for."""

    stream: str
    pattern: str
    by_start: Mapping[int, int]
    proved: bool


def cycle_line(stream: str, printed: Iterable[tuple[int, str]], asked: int | None) -> CycleLine | None:
    """The line that comes in each cycle, of what each start printed; None: no line is like that.

    ``asked``: of how many cycles the third start ended, if it did.
    """
    counts: dict[str, Counter[int]] = {}
    lines: dict[int, list[str]] = {}
    for start, text in printed:
        lines[start] = text.splitlines()[:_MOST_LINES]
        for line in lines[start]:
            piece = max(_VARYING.split(line), key=len).strip()
            if len(piece) >= _SHORTEST and re.search(r"[A-Za-z]{3}", piece):
                counts.setdefault(piece, Counter())[start] += 1
    found = []
    for piece, by_start in counts.items():
        whole = {start: sum(piece in line for line in of_start) for start, of_start in lines.items()}
        proved = asked is not None and whole.get(3) == asked and whole.get(1, 0) > asked
        likely = not asked and by_start[1] > 3 and by_start.get(2, 0) > 1
        if whole == {start: by_start.get(start, 0) for start in lines} and (proved or likely):
            found.append(CycleLine(stream, re.escape(piece).replace(r"\ ", " "), whole, proved))
    return max(found, key=lambda line: (line.proved, _says_so(line.pattern), len(line.pattern)), default=None)


def _says_so(pattern: str) -> bool:
    return re.search(r"cycle|tick|iteration|loop|done|finished|heartbeat", pattern, re.IGNORECASE) is not None
