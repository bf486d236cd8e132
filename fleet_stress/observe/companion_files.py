"""Files that a bot's companions write: what names them is the companion's own command line, not the bot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from fleet_stress.observe import bot_files


def named(bot: Mapping[str, Any], places: Mapping[str, str]) -> frozenset[str]:
    """Paths of files in the arena that the profile gives to its companions."""
    folders = [folder for name, folder in places.items() if name.endswith("_dir")]
    found = set()
    for text in _texts(bot.get("companions", ())):
        filled = bot_files.fill_known(text, places)
        for folder in folders:
            before, inside, rest = filled.partition(f"{folder}/")
            if inside and rest and (not before or before[-1] in "=:,"):
                found.add(f"{folder}/{rest}")
    return frozenset(found)


def is_one(path: str, of_companions: frozenset[str]) -> bool:
    """Whether a file is one of these, or what becomes one (``orders.json.new``, ``.orders.json.x7``)."""
    file = PurePosixPath(path)
    return any(
        file.parent == own.parent and own.name in file.name for own in map(PurePosixPath, of_companions)
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item)
