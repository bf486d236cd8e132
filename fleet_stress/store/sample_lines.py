"""``samples.jsonl``: what was measured of a running bot, one JSON object a line, beside ``evidence.json``.

Engine, judge and page agree on it here. A line is written as soon as its sample is taken, so a death of ours costs the
last one at most; a line that is torn, or is no sample, is passed over by who reads.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from fleet_stress.store.bounded_read import from_json

SAMPLES = "samples.jsonl"
#: Beyond so many, every second sample is dropped and the interval doubles: a day fits on a page.
SAMPLE_LIMIT = 4000
#: What a reader takes: more than twice what is ever written. Bytes of a line, bytes and lines of a file.
LINE_BYTES, FILE_BYTES, LINES = 2_000, 8_000_000, 2 * SAMPLE_LIMIT

#: Of every sample: the number of the start, seconds since the scenario began, seconds since the epoch, and how many
#: cycles that start has finished.
WHEN = ("start", "at", "wall", "cycles")
#: Of the bot, all its processes together; each is null where it is not known. Bytes of memory:
#:
#: - ``rss``: resident, as ``ps`` has it; pages that processes share count for each of them;
#: - ``private``: what no file backs, in memory or swapped out (Linux: RssAnon + VmSwap; macOS: the physical footprint);
#: - ``pss``, ``uss``: its share of what processes share, and what is its alone (Linux: smaps_rollup, with swap);
#: - ``anonymous``: of ``pss`` what no file backs: exact to the page, and the best there is for a trend.
MEMORY = ("rss", "private", "pss", "uss", "anonymous")
COUNTS = ("handles", "threads", "processes")
#: Processor seconds of all its processes, since they began.
TIMES = ("cpu",)
#: Bytes and files in its two folders; null in samples in which they were not looked at.
FOLDERS = ("state_bytes", "state_files", "log_bytes", "log_files")
#: Processor seconds of the host since it was booted, and those of them that were idle.
HOST = ("host_time", "host_idle")
MEASURES = (*MEMORY, *COUNTS, *TIMES, *FOLDERS, *HOST)
#: No clock or counter shows more.
_LARGEST = 1e15


def read(stream: BinaryIO) -> list[dict[str, Any]]:
    """The samples in its lines, in order; of each its numbers. Nothing in them is believed, whoever wrote them."""
    return list(_samples(stream.read(FILE_BYTES).splitlines(keepends=True)))


def _samples(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines):
        if number >= LINES:
            return
        if not line.endswith(b"\n") or len(line) > LINE_BYTES:
            continue
        try:
            found = from_json(line)
        except ValueError:
            continue
        if isinstance(found, Mapping) and all(_number(found.get(word)) is not None for word in WHEN):
            yield {word: _number(found.get(word)) for word in (*WHEN, *MEASURES)}


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) and abs(value) <= _LARGEST else None
