"""What a watched start shows of a bot: its files and their numbers, its cycles, its exits, its cost."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from fleet_controller.drafting import counters, file_kinds, repeated_lines
from fleet_controller.drafting.watched import Look, Watched
from fleet_controller.untrusted.sample_lines import samples_of

#: Names that a profile can hold as they are: in others a stranger could hide a template.
_PLAIN = re.compile(r"[\w./ +@=,-]+")
#: A value that a file says of the time may be so far from when it was written, in seconds.
_CLOCK = 3.0
#: Files alike but for their number that first appeared at so many different looks are not a fixed set.
_ONE_AFTER_ANOTHER = 3


class File(NamedTuple):
    """One file of the bot's: its ``key`` (``state/ledger.json``) and what is known of it."""

    key: str
    format: str
    rewritten: str
    series: Sequence[counters.Series]
    texts: Mapping[str, Any]
    timestamp: str | None
    tables: Sequence[str]
    backup: str | None
    written_at: float


class Seen(NamedTuple):
    """``cycle`` is how cycles are counted, if that is known; ``pace``: seconds between two of them."""

    files: Sequence[File]
    logs: Sequence[File]
    temporary: Sequence[str]
    counter: counters.Counter | None
    line: repeated_lines.CycleLine | None
    pace: float | None
    asked: int | None
    outside: Sequence[str]
    looked_elsewhere: int
    taken: Sequence[str]
    #: Of files that come one after another, ``orders/000001.json`` and so on: what their names have in common, and how
    #: many were seen.
    numbered: Mapping[str, int]
    memory_mb: int | None
    cpu_share: float | None


def look(watched: Watched) -> Seen:
    """Everything at once. Evidence that makes no sense raises KeyError, TypeError or ValueError."""
    asked = watched.asked_cycles if watched.finished else None
    by_key = watched.files()
    named = {
        key: looks
        for key, looks in by_key.items()
        if _PLAIN.fullmatch(key) and not file_kinds.BESIDE.search(key)
    }
    stays = {key: looks for key, looks in named.items() if any(not look.running for look in looks)}
    numbered = _numbered(stays)
    stays = {key: looks for key, looks in stays.items() if _shape(key) not in numbered}
    backups = {file_kinds.BACKUP.sub("", key): key for key in stays if file_kinds.BACKUP.search(key)}
    files = [
        _file(watched, key, looks, backups.get(key), by_key)
        for key, looks in stays.items()
        if not (file_kinds.BACKUP.search(key) and file_kinds.BACKUP.sub("", key) in stays)
    ]
    state = [file for file in files if not file.key.startswith("log/")]
    logs = [file for file in files if file.key.startswith("log/")]
    every = [series for file in state for series in file.series]
    found = counters.counters(every, asked)
    newest = {file.key: file.written_at for file in state}
    counter = min(
        found, key=lambda item: (not item.proved, item.in_total, -newest[item.series.key]), default=None
    )
    if counter is not None:
        best = [item for item in found if item[1:] == counter[1:] and item.series.key == counter.series.key]
        counter = best[0]
    line = None
    if counter is None or counter.in_total or not counter.proved:
        line = _line(watched, asked)
    if line and line.proved:  # state that is lost takes a number of all starts with it
        counter = None
    document = watched.document
    pace = counter.series.period if counter else None
    if pace is None and line and watched.starts:
        ran = (watched.starts[0]["exit"] or {}).get("at", 0) - watched.starts[0]["at"]
        pace = round(ran / line.by_start[1], 3) if line.by_start.get(1) else None
    return Seen(
        files=state,
        logs=logs,
        temporary=sorted(PurePosixPath(key).name for key in named if key not in stays),
        counter=counter,
        line=line,
        pace=pace,
        asked=asked,
        outside=[
            str(entry["path"])
            for entry in document["outside"]
            if not entry["path"].endswith((".pyc", ".pyo"))
        ],
        looked_elsewhere=sum((document["network"].get("looked_elsewhere") or {}).values()),
        numbered={shape.partition("/")[2]: count for shape, count in numbered.items()},
        taken=sorted({name for start in watched.starts for name in start.get("taken", ())}),
        **_cost(watched),
    )


def _numbered(stays: Mapping[str, Sequence[Look]]) -> dict[str, int]:
    """Shapes of names of which a new one comes again and again, and how many of each there are; logs are none."""
    alike: dict[str, list[float]] = {}
    for key, looks in stays.items():
        if _shape(key) != key and not key.startswith("log/"):
            alike.setdefault(_shape(key), []).append(looks[0].at)
    return {shape: len(came) for shape, came in alike.items() if len(set(came)) >= _ONE_AFTER_ANOTHER}


def _shape(key: str) -> str:
    return re.sub(r"\d+", "*", key)


def _line(watched: Watched, asked: int | None) -> repeated_lines.CycleLine | None:
    found = (repeated_lines.cycle_line(name, watched.printed(name), asked) for name in ("stdout", "stderr"))
    return max((line for line in found if line), key=lambda line: line.proved, default=None)


def _file(
    watched: Watched,
    key: str,
    looks: Sequence[Look],
    backup: str | None,
    by_key: Mapping[str, Sequence[Look]],
) -> File:
    raw = next(
        (data for look in reversed(looks) if (data := watched.content(look.copy.removesuffix(".read")))), b""
    )
    format_ = file_kinds.format_of(key, raw)
    known: dict[str, dict[str, Any]] = {}
    values = []
    for item in looks:
        if item.sha256 not in known:
            known[item.sha256] = file_kinds.values(format_, watched.content(item.copy) or b"")
        values.append((item, known[item.sha256]))
    beside = [by_key[name][-1].copy for name in (f"{key}-wal",) if name in by_key]
    texts = [raw, *(watched.content(copy) or b"" for copy in beside)]
    return File(
        key=key,
        format=format_,
        rewritten=_rewritten(looks, watched),
        series=_series(key, values),
        texts={name: value for name, value in values[-1][1].items() if isinstance(value, str)},
        timestamp=_timestamp(values) if format_ == "json" else None,
        tables=file_kinds.tables(b"\n".join(texts)) if format_ == "sqlite" else [],
        backup=backup,
        written_at=looks[-1].mtime,
    )


def _rewritten(looks: Sequence[Look], watched: Watched) -> str:
    """By how often it was written while the first start ran, and whether only its end wrote it."""
    first = [look for look in looks if look.start == 1 and look.running]
    times = len({look.mtime for look in first})
    ran = max((look.at for look in first), default=0.0) - watched.starts[0]["at"]
    expected = ran / watched.asked_interval if watched.asked_interval else 0.0
    if not first:
        return "exit"
    if times >= max(3.0, expected / 2):
        return "cycle"
    return "change"


def _series(key: str, values: Sequence[tuple[Look, Mapping[str, Any]]]) -> list[counters.Series]:
    found: dict[str, dict[int, list[tuple[float, float]]]] = {}
    for item, numbers in values:
        for name, value in numbers.items():
            number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
            if number and item.of_this_start:
                found.setdefault(name, {}).setdefault(item.start, []).append((item.mtime, value))
    return [counters.Series(key, name, by_start) for name, by_start in found.items()]


def _timestamp(values: Sequence[tuple[Look, Mapping[str, Any]]]) -> str | None:
    """The field that says when the file was written, each time that it was."""
    return next(
        (
            name
            for name in values[-1][1]
            if "(" not in name
            and len({item.mtime for item, _ in values}) > 2
            and all(_is_time(of_look.get(name), item.mtime) for item, of_look in values)
        ),
        None,
    )


def _is_time(value: Any, mtime: float) -> bool:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]", value):
        try:
            found = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            return False
        return found.tzinfo is not None and abs(found.timestamp() - mtime) < _CLOCK
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value - mtime) < _CLOCK


def _cost(watched: Watched) -> dict[str, Any]:
    """Of the first start, with some room: a bot runs as often as six times as fast in a scenario."""
    samples = [sample for sample in samples_of(watched.folder, watched.document) if sample.get("start") == 1]
    memory = [sample["rss"] for sample in samples if sample.get("rss")]
    processor = [(sample["at"], sample["cpu"]) for sample in samples if sample.get("cpu") is not None]
    share = None
    if len(processor) > 3:
        (begun, before), (ended, after) = processor[1], processor[-1]
        share = min(1.0, max(0.1, round(2.5 * (after - before) / max(ended - begun, 0.1), 2)))
    return {
        "memory_mb": math.ceil(1.2 * max(memory) / 2**20 / 5) * 5 if memory else None,
        "cpu_share": share,
    }
