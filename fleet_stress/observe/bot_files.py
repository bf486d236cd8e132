"""The bot's own files as its profile names them: roles, keys, safe reading.

Scenarios name a file by its *role* (``ledger``), evidence by its *key* (``state/ledger.json``). The bot's folders
belong to the bot's user, so they are read through one door (``store/bare_python/no_links.py``).
"""

from __future__ import annotations

import datetime
import hashlib
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from fleet_stress.store.bare_python.no_links import open_regular, opened_folder
from fleet_stress.store.bare_python.tree_walk import DEEPEST, LONGEST, walk
from fleet_stress.store.bounded_read import from_json

#: Of larger files only size and times are read.
READ_LIMIT = 8_000_000
#: Characters that are kept of one word in a file.
WORD_LIMIT = 1_000

_PLACEHOLDER = re.compile(r"\$\{([\w.]+)\}")
_LENGTH = re.compile(r"len\((?P<path>.*)\)")


class Question(Protocol):
    """A command that runs, to say what is in a file."""

    def over(self) -> bool:
        """Whether it has ended; to be called again and again until it has."""

    def answer(self) -> bytes | None:
        """Wait for it; None: it took too long."""


class Tracked(NamedTuple):
    """One file that the profile names."""

    role: str
    key: str
    path: Path
    format: str
    never_back: tuple[str, ...]
    backup: Path | None
    backup_key: str | None = None
    #: The SQL queries of a database, by the names of their numbers; and the folder for its copy.
    numbers: Mapping[str, str] = {}
    scratch: Path | None = None
    #: Of a log, globs for the names that it is rotated to, relative to its folder.
    rotated: tuple[str, ...] = ()
    #: Of a file that only the bot's own code can read, what says its numbers; and who runs that, where it can be run.
    command: tuple[str, ...] = ()
    ask: Callable[[Tracked, bytes], Question] | None = None

    @property
    def opaque(self) -> bool:
        """Whether nobody here can tell what is in it, nor whether it is whole."""
        return self.format == "text" or (self.format == "bytes" and not (self.command and self.ask))


def tracked(
    bot: Mapping[str, Any],
    places: Mapping[str, str],
    scratch: Path | None = None,
    ask: Callable[[Tracked, bytes], Question] | None = None,
) -> list[Tracked]:
    """The profile's ``state`` and ``logs`` files with their paths. ``places``: the arena's placeholders.

    ``scratch``: a private folder for copies of files that are read from a copy. ``ask`` runs the command of a file.
    """
    found = []
    for section, folder, prefix in (("state", "state_dir", "state"), ("logs", "log_dir", "log")):
        for role, entry in bot.get(section, {}).items():
            path = _placed(entry["path"], places, folder)
            backup = _placed(entry["backup"], places, folder) if entry.get("backup") else None
            numbers = entry.get("numbers", {})
            found.append(
                Tracked(
                    role=role,
                    key=_key(path, places, prefix),
                    path=path,
                    format=entry.get("format", "json"),
                    never_back=tuple(entry.get("never_back", ())),
                    backup=backup,
                    backup_key=_key(backup, places, prefix) if backup else None,
                    numbers=dict(numbers) if isinstance(numbers, Mapping) else {},
                    scratch=scratch,
                    rotated=tuple(entry.get("rotated", ())),
                    command=() if isinstance(numbers, Mapping) else tuple(numbers),
                    ask=ask,
                )
            )
    return found


def _placed(path: str, places: Mapping[str, str], folder: str) -> Path:
    return Path(fill(path, places) if path.startswith("${") else f"{places[folder]}/{path}")


def _key(path: Path, places: Mapping[str, str], prefix: str) -> str:
    for name, folder in (("state", "state_dir"), ("log", "log_dir"), ("bot", "bot_dir")):
        try:
            return f"{name}/{path.relative_to(places[folder])}"
        except ValueError:
            continue
    return f"{prefix}/{path.name}"


def fill(text: str, places: Mapping[str, str]) -> str:
    """Fill ``${name}`` placeholders. Raises KeyError for an unknown name."""
    return _PLACEHOLDER.sub(lambda match: str(places[match[1]]), text)


def fill_known(text: str, places: Mapping[str, str]) -> str:
    """The same, and what has an unknown name stays as it is."""
    return _PLACEHOLDER.sub(lambda match: str(places.get(match[1], match[0])), text)


def read_regular(path: Path, limit: int = READ_LIMIT) -> bytes | None:
    """The bytes of a regular file, not a link, within ``limit``; else None.

    Also None where it cannot be read: the file system below it may be made to fail just then, and we must not.
    """
    try:
        with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as stream:
            return stream.read(limit) if os.fstat(stream.fileno()).st_size <= limit else None
    except OSError:
        return None


def read_head(path: Path, count: int) -> bytes | None:
    """The first ``count`` bytes of a regular file, not a link; else None."""
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(count)


def read_tail(path: Path, count: int) -> bytes | None:
    """The last ``count`` bytes of a regular file, not a link; else None, also where it cannot be read."""
    try:
        with os.fdopen(open_regular(path, os.O_RDONLY), "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - count))
            return stream.read(count)
    except OSError:
        return None


def regular_files(
    folder: Path, deepest: int = DEEPEST, longest: int = LONGEST
) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below a folder but folders, with its lstat(2); what disappears meanwhile is left out.

    Of folders only those are there that could not be looked into, or lie deeper than ``deepest``.
    """
    try:
        with opened_folder(folder) as top:
            for seen in walk(top, deepest, longest):
                if not seen.entered:
                    yield folder / seen.path, seen.status
    except OSError:
        return


def digest(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def field(document: Any, expression: str) -> float | None:
    """The number of a ``never_back`` expression (``a.b``, ``len(a.b)``, ``len()`` of it all); None: there is none."""
    length = _LENGTH.fullmatch(expression)
    value, path = document, length["path"] if length else expression
    for name in path.split(".") if path else ():
        if not isinstance(value, dict) or name not in value:
            return None
        value = value[name]
    if length:
        return float(len(value)) if isinstance(value, (list, dict, str)) else None
    return _finite(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _finite(value: float) -> float | None:
    """Python's JSON allows NaN, infinities and integers of any length, which are useless here: None."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def fields(data: bytes | None, expressions: tuple[str, ...]) -> dict[str, float]:
    """The numbers of all expressions that a JSON text has."""
    try:
        document = from_json(data or b"")
    except ValueError:
        return {}
    values = {expression: field(document, expression) for expression in expressions}
    return {expression: value for expression, value in values.items() if value is not None}


def word(data: bytes | None, expression: str) -> str | None:
    """The string in a dotted field of a JSON text; None: there is none."""
    try:
        value = from_json(data or b"")
    except ValueError:
        return None
    for name in expression.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value[:WORD_LIMIT] if isinstance(value, str) else None


def moment(data: bytes | None, expression: str) -> float | None:
    """The time in a dotted field of a JSON text, in epoch seconds: a number, or ISO 8601 with its offset.

    None: there is none, or it has no offset, so its meaning is unknown.
    """
    text = word(data, expression)
    if text is None:
        return fields(data, (expression,)).get(expression)
    try:
        found = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return None if found.tzinfo is None else found.timestamp()


def json_verdict(data: bytes | None) -> str | None:
    """``valid`` or ``invalid`` JSON; None: there was nothing to read."""
    if data is None:
        return None
    try:
        from_json(data)
    except ValueError:
        return "invalid"
    return "valid"
