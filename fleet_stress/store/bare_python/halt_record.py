"""The file that halts a host, as it is read. ``recovery/halt.py`` writes it."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "halted.json"


def halted(stress_dir: Path) -> dict[str, str] | None:
    """``reason``, ``by`` and ``since`` of a halted host, else None. A file that cannot be read halts as well."""
    unknown = {"reason": f"{NAME} is damaged", "by": "?", "since": "?"}
    try:
        record = json.loads((stress_dir / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as problem:
        return {**unknown, "reason": f"{NAME} cannot be read: {problem}"}
    except ValueError:
        return unknown
    return {name: str(record.get(name, "?")) for name in unknown} if isinstance(record, dict) else unknown
