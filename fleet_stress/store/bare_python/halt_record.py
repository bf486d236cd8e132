"""The file that halts a host, as it is read. ``recovery/halt.py`` writes it."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "halted.json"
#: Bytes that are read of it.
_MOST = 65_536


def halted(stress_dir: Path) -> dict[str, str] | None:
    """``reason``, ``by`` and ``since`` of a halted host, else None. A file that cannot be read halts as well."""
    unknown = {"reason": f"{NAME} is damaged", "by": "?", "since": "?"}
    try:
        with (stress_dir / NAME).open("rb") as stream:
            record = json.loads(stream.read(_MOST))
    except FileNotFoundError:
        return None
    except OSError as problem:
        return {**unknown, "reason": f"{NAME} cannot be read: {problem}"}
    except (ValueError, RecursionError):
        return unknown
    return {name: str(record.get(name, "?")) for name in unknown} if isinstance(record, dict) else unknown
