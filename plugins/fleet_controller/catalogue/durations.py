"""Durations as people write them: ``2s``, ``0.5s``, ``10m``, ``6h``, or a plain number of seconds."""

from __future__ import annotations

import re

#: What ``schemas/*.schema.json`` says as well; a test compares the two.
PATTERN = r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?(s|m|h)$"
#: 31 days: whoever writes more means something else.
LONGEST = 31 * 86400.0

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(duration: str | float) -> float:
    """Seconds of a duration. Raises ValueError for anything else, and beyond ``LONGEST``."""
    if isinstance(duration, bool):
        raise ValueError(f"{duration} is no duration")
    if isinstance(duration, str):
        if not re.match(PATTERN, duration) or duration.endswith("\n"):
            raise ValueError(f"{duration!r} is no duration")
        # Rounded, because 1.1 * 60 is 66.00000000000001.
        value = round(float(duration[:-1]) * _UNITS[duration[-1]], 6)
    else:
        value = float(duration)
    if not 0 <= value <= LONGEST:
        raise ValueError(f"{duration!r} is not between 0 and 31 days")
    return value
