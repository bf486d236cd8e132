"""Programs of companions that are not among a bot's own files: read here, they travel in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.messages.errors import Problem

#: A stub is small, and the plan of every host carries it. Bytes.
LIMIT = 64 * 1024


def read_programs(
    document: Document, companions: Sequence[dict[str, Any]], folder: Path
) -> Iterator[Problem]:
    """Replace the path of each companion's ``program`` by its ``name`` and ``text``.

    Args:
        document: The profile.
        companions: Its companions, changed here.
        folder: What relative paths are relative to.
    """
    for number, companion in enumerate(companions):
        if "program" not in companion:
            continue
        path = folder / companion["program"]
        try:
            with path.open("rb") as stream:
                raw = stream.read(LIMIT + 1)
            if len(raw) > LIMIT:
                raise ValueError(f"it has more than {LIMIT} bytes")
            companion["program"] = {"name": path.name, "text": raw.decode("utf-8")}
        except (OSError, ValueError) as problem:
            where = document.where(("companions", number, "program"))
            do = "name a text file of 64 KiB at most, relative to the profile's folder"
            yield Problem(f"`{companion['program']}` cannot be read", where, str(problem), do)
