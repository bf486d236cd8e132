"""What was tested, as the catalogue said it when the run began: kept in ``compiled.json`` beside the results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fleet_controller.messages.text import plain
from fleet_controller.results.finished_run import COMPILED
from fleet_controller.untrusted.atomic_files import stored

#: Characters of a scenario's file, and of what it says about itself. The largest of ours has some 3,000.
_FILE, _ABOUT = 12_000, 2_000


def scenario_texts(folder: Path) -> dict[str, dict[str, str]]:
    """By scenario ``about`` and ``yaml``, its file; empty for a run of an earlier version, or one that is damaged."""
    return dict(_texts(stored(folder / COMPILED)))


def _texts(compiled: Any) -> Iterator[tuple[str, dict[str, str]]]:
    written = compiled.get("written") if isinstance(compiled, dict) else None
    for name, item in (written if isinstance(written, dict) else {}).items():
        if isinstance(item, dict):
            lines = (plain(line, 300) for line in str(item.get("yaml", ""))[:_FILE].splitlines())
            about = plain(item.get("about", ""), _ABOUT).strip()
            yield name, {"about": about, "yaml": "\n".join(lines)}
