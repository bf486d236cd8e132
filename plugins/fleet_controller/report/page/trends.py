"""What the judge told of each quantity over time, read for the page: nothing in it is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.page.seen import number
from fleet_stress.store.sample_lines import MEASURES

#: So many are drawn, and so many limits of one.
_MOST, _LIMITS = 24, 3
#: What came of it, as ``judge/trend`` says.
_OUTCOMES = ("grows", "steady", "unclear")
_TIMES = ("warm_up_until", "since", "until")
_SENTENCE = 300


def trends(measures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those in the measures of a row that can be drawn.

    Each has ``quantity`` (a key of samples), ``outcome``, ``told`` (in words), times in seconds since the scenario
    began (``warm_up_until``, ``since``, ``until``), ``line``, ``low`` and ``high`` (heights at ``since`` and ``until``)
    and ``limits`` (``name``, ``value``).
    """
    found = measures.get("trends")
    some = found[:_MOST] if isinstance(found, list) else []
    return [drawn for item in some if isinstance(item, Mapping) for drawn in _drawn(item)]


def _drawn(item: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    times = {name: number(item, name) for name in _TIMES}
    ends = {name: _ends(item.get(name)) for name in ("line", "low", "high")}
    known = item.get("quantity") in MEASURES and item.get("outcome") in _OUTCOMES
    if known and None not in (*times.values(), *ends.values()):
        limits = item.get("limits")
        yield {
            "quantity": item["quantity"],
            "outcome": item["outcome"],
            "told": _text(item, "told", _SENTENCE),
            **times,
            **ends,
            "limits": list(_limits(limits)) if isinstance(limits, list) else [],
        }


def _ends(value: Any) -> list[float] | None:
    if not isinstance(value, list) or len(value) != 2:
        return None
    some = [number({"value": item}, "value") for item in value]
    return [item for item in some if item is not None] if None not in some else None


def _limits(found: list[Any]) -> Iterator[dict[str, Any]]:
    for item in found[:_LIMITS]:
        value = number(item, "value") if isinstance(item, Mapping) else None
        if value is not None:
            yield {"name": _text(item, "name", 80) or "limit", "value": value}


def _text(found: Mapping[str, Any], name: str, limit: int) -> str:
    value = found.get(name)
    return in_one_line(plain(value, limit), limit) if isinstance(value, str) else ""
