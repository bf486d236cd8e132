"""A bot's folder as it lies on the controller: its texts, within limits. Nothing in it is run, imported or parsed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fleet_controller.untrusted.bounded_json import open_regular

#: What is read of a folder: so many files, so many bytes of one and of all.
MOST_FILES, MOST_OF_ONE, MOST_OF_ALL = 2_000, 200_000, 4_000_000
#: Files that may say how a bot is started and set.
_TEXTS = frozenset(
    [
        ".py",
        ".sh",
        ".js",
        ".mjs",
        ".cjs",
        ".ts",
        ".c",
        ".cc",
        ".cpp",
        ".go",
        ".rs",
        ".rb",
        ".java",
        ".kt",
        ".cs",
        ".pl",
        ".php",
        ".toml",
        ".yml",
        ".yaml",
        ".json",
        ".cfg",
        ".ini",
        ".env",
        ".txt",
    ]
)
#: Folders with nothing of the bot's own program in them.
_NOT_ENTERED = frozenset(
    ["node_modules", "venv", "env", "__pycache__", "test", "tests", "docs", "doc", "target", "build", "dist"]
)


class BotFolder(NamedTuple):
    """``names`` of all files that were seen, relative, sorted; ``texts`` of those that were read."""

    path: Path
    names: list[str]
    texts: Mapping[str, str]


def look_into(path: Path) -> BotFolder:
    """Raises OSError only if the folder itself cannot be read."""
    os.scandir(path).close()
    names, texts, left = [], {}, MOST_OF_ALL
    for name in _files(path):
        names.append(name)
        if len(names) >= MOST_FILES:
            break
        if Path(name).suffix.lower() not in _TEXTS:
            continue
        text = _read(path / name, min(MOST_OF_ONE, left))
        if text is not None:
            texts[name] = text
            left -= len(text)
    return BotFolder(path, sorted(names), texts)


def _files(top: Path) -> Iterator[str]:
    """Files nearest to the top first, without links."""
    waiting = [top]
    while waiting:
        folder = waiting.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith(".") and entry.name.lower() not in _NOT_ENTERED:
                    waiting.append(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield os.path.relpath(entry.path, top)


def _read(path: Path, most: int) -> str | None:
    try:
        with open_regular(path) as (stream, size):
            return stream.read(most).decode("utf-8", "replace") if size <= most else None
    except OSError:
        return None
