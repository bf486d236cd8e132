"""What a profile says of a bot's files, by what was seen of them: roles, paths, formats, numbers, logs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from fleet_controller.drafting.counters import Series, only_rising
from fleet_controller.drafting.seen import File

#: What may fall as well as rise, even where it only rose while it was watched.
_MONEY = re.compile(r"cash|balance|price|equity|quantity|qty|position", re.IGNORECASE)


def roles_of(files: Sequence[File], taken: Sequence[str] = ()) -> dict[str, File]:
    """A role for each file, by its name."""
    found: dict[str, File] = {}
    for file in files:
        stem = re.sub(r"[^a-z0-9_]+", "_", PurePosixPath(file.key).stem.lower()).strip("_")[:50]
        role = stem if stem[:1].isalpha() else f"file_{stem}".rstrip("_")
        while role in found or role in taken:
            role += "_2"
        found[role] = file
    return found


def path_of(file: File) -> str:
    """As a profile has it."""
    folder, _, rest = file.key.partition("/")
    return f"${{bot_dir}}/{rest}" if folder == "bot" else rest


def entry_of(file: File) -> dict[str, Any]:
    """What a profile says of a state file."""
    entry: dict[str, Any] = {"path": path_of(file)}
    if file.backup:
        entry["backup"] = path_of(file._replace(key=file.backup))
    if file.format != "json":
        entry["format"] = file.format
    entry["rewritten"] = file.rewritten
    if file.format == "sqlite" and file.tables:
        entry["numbers"] = {f"{name.lower()[:50]}": f"SELECT count(*) FROM {name}" for name in file.tables}
    rising = [series.name for series in _rising(file)]
    if rising and file.format != "text":
        entry["never_back"] = rising
    return entry


def _rising(file: File) -> list[Series]:
    return [series for series in only_rising(file.series) if not _MONEY.search(series.name)][:10]


def log_entries(
    logs: Mapping[str, File], rotated: tuple[str, int, int] | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """A log of which each start writes one is one entry; ``rotated``: name, size and backups of one, by its source."""
    alike: dict[str, list[tuple[str, File]]] = {}
    for role, file in logs.items():
        alike.setdefault(re.sub(r"\d+", "*", file.key), []).append((role, file))
    for shape, files in alike.items():
        role, file = files[0]
        if len(files) > 1:
            name = re.sub(r"\*[\W_*]*\*", "*", shape.partition("/")[2])
            yield re.sub(r"_\d+", "", role).rstrip("_"), {"per_start": name, "format": "text"}
        else:
            format_ = file.format if file.format in ("json", "jsonl", "csv") else "text"
            limit = {}
            if rotated and PurePosixPath(file.key).name == rotated[0]:
                limit = {"max_bytes": rotated[1], "backups": rotated[2]}
            yield role, {"path": path_of(file), "format": format_, "required": False, **limit}
