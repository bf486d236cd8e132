"""In what a bot takes its times: plans and evidence are in seconds, a Node.js bot's ``setInterval`` is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TO_A_SECOND = {"s": 1, "ms": 1000}


def to_a_second(setting: Mapping[str, Any]) -> int:
    """How many of the ``unit`` in which the bot takes this setting of its profile are a second."""
    return _TO_A_SECOND[setting.get("unit", "s")]


def in_its_unit(setting: Mapping[str, Any], seconds: float) -> float:
    """Rounded to a millionth: 70 ms, not 70.00000000000001."""
    return round(seconds * to_a_second(setting), 6)
