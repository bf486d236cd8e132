"""Samples as lines to draw: bounded, with every peak kept, and broken where the bot was started anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.report.page.seen import number

#: Points of one line: more than that no eye tells apart on a page.
POINTS = 200
Point = tuple[float, float]
Sample = Mapping[str, Any]

#: Title, unit, and the lines by name.
_PLOTS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("Memory that no file backs", "bytes", {"to the page": "anonymous", "private": "private"}),
    ("Memory, all of it", "bytes", {"resident": "rss", "its share": "pss", "its alone": "uss"}),
    ("Open handles", "", {"handles": "handles"}),
    ("Threads", "", {"threads": "threads"}),
    ("Processes", "", {"processes": "processes"}),
    ("State and log folders", "bytes", {"state": "state_bytes", "logs": "log_bytes"}),
    ("Files in them", "", {"state": "state_files", "logs": "log_files"}),
)


def plots(
    samples: Sequence[Sample],
    points: int = POINTS,
    drawn_trends: Sequence[Mapping[str, Any]] = (),
    limits: Sequence[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """What to draw: ``title``, ``unit`` and ``lines``; each line has a ``name`` and one list of points a start.

    A point is seconds since the scenario began, and a value. A line of which the judge told the trend has that too
    (``drawn_trends``, as ``trends.trends`` has them), and a plot the ``limits`` of its quantities, as ``limits`` has
    them.
    """
    by_start = _by_start(samples)
    found: list[dict[str, Any]] = []
    for title, unit, names in _PLOTS:
        lines = [
            {**_line(name, by_start, _values(word), points), **_trends(word, drawn_trends)}
            for name, word in names.items()
        ]
        stood = [item for item in limits if item["quantity"] in names.values()]
        known = {"title": title, "unit": unit, "lines": [item for item in lines if item["parts"]]}
        found.append({**known, **({"limits": stood} if stood else {})})
    found.append(
        {"title": "Processor", "unit": "%", "lines": [_line("of one core", by_start, _share, points)]}
    )
    found.append(
        {
            "title": "Finished cycles",
            "unit": "",
            "lines": [_line("cycles", by_start, _values("cycles"), points)],
        }
    )
    return [item for item in found if any(line["parts"] for line in item["lines"])]


def _trends(word: str, drawn: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [item for item in drawn if item["quantity"] == word]
    return {"trends": found} if found else {}


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many points: of every stretch the lowest and the highest, in their order, and both ends."""
    if len(points) <= most:
        return list(points)
    stretches = max(1, (most - 2) // 2)
    inner = points[1:-1]
    kept = [points[0]]
    for n in range(stretches):
        stretch = inner[n * len(inner) // stretches : (n + 1) * len(inner) // stretches]
        if stretch:
            ends = {min(stretch, key=lambda item: item[1]), max(stretch, key=lambda item: item[1])}
            kept.extend(sorted(ends))
    return [*kept, points[-1]][:most]


def _by_start(samples: Sequence[Sample]) -> list[list[Sample]]:
    """The samples of each start, in the order of time."""
    found: dict[float | None, list[Sample]] = {}
    for sample in samples:
        if number(sample, "at") is not None:
            found.setdefault(number(sample, "start"), []).append(sample)
    return [sorted(some, key=lambda item: number(item, "at") or 0.0) for some in found.values()]


def _line(
    name: str,
    by_start: Sequence[Sequence[Sample]],
    values: Callable[[Sequence[Sample]], Iterator[Point]],
    points: int,
) -> dict[str, Any]:
    parts = [part for part in (list(values(some)) for some in by_start) if part]
    total = sum(map(len, parts))
    each = (max(2, points * len(part) // total) if total > points else len(part) for part in parts)
    # A scenario with more starts than points has one point of each: that is none too many.
    return {
        "name": name,
        "parts": [thinned(part, most) for part, most in zip(parts, each, strict=True)][:points],
    }


def _values(word: str) -> Callable[[Sequence[Sample]], Iterator[Point]]:
    def values(samples: Sequence[Sample]) -> Iterator[Point]:
        for sample in samples:
            at, value = number(sample, "at"), number(sample, word)
            if at is not None and value is not None:
                yield round(at, 2), int(value) if value.is_integer() else round(value, 3)

    return values


def _share(samples: Sequence[Sample]) -> Iterator[Point]:
    """Processor time between samples, in hundredths of the time that passed: of one core, 200 are two."""
    seen = [(number(sample, "at"), number(sample, "cpu")) for sample in samples]
    known = [(at, cpu) for at, cpu in seen if at is not None and cpu is not None]
    before = known[0] if known else (0.0, 0.0)
    for at, cpu in known[1:]:
        # Over too short a time the clock's own steps are all that there is to see.
        if at - before[0] >= max(0.5, (known[-1][0] - known[0][0]) / POINTS):
            yield round(at, 2), round(max(0.0, (cpu - before[1]) / (at - before[0]) * 100), 1)
            before = (at, cpu)
