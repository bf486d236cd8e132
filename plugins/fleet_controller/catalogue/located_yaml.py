"""YAML that remembers where it stood: values, and the line of every key and value.

Read from the parser's events, so that nothing is lost on the way and nothing clever happens: YAML 1.2's core
types (``yes`` is text, ``1:30`` is text), no tags, no aliases, no key twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from fleet_controller.messages.errors import UserError

#: A file of the catalogue is a page of text; more is a mistake.
BYTES_LIMIT = 1_000_000
DEPTH_LIMIT = 40

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOLEANS = {
    word: word.lower() == "true" for item in ("true", "false") for word in (item, item.title(), item.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TEXT_TAGS = (None, "!", "tag:yaml.org,2002:str")
#: Why YAML that makes something is refused.
_PLAIN = "files here hold plain data, which every reader understands alike"
_LOADERS: tuple[Any, ...] = (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)

At = tuple[str | int, ...]


class Lines(NamedTuple):
    """Where a value stands; ``key`` is the line of its key (the value's own in a list)."""

    key: int
    value: int


class Document(NamedTuple):
    """One file. ``shown`` is its name for people; ``lines`` has a place for every path in ``value``."""

    path: Path
    shown: str
    value: Any
    lines: Mapping[At, Lines]

    def where(self, at: Sequence[str | int] = (), *, key: bool = False) -> str:
        """``file:line: a.b.2``: the place of a path, or of the nearest above it that the file has.

        Steps and other lists count from 1, as the evidence does.
        """
        place = tuple(at)
        while place not in self.lines:
            place = place[:-1]
        line = self.lines[place].key if key else self.lines[place].value
        described = ".".join(str(item + 1) if isinstance(item, int) else item for item in at)
        return f"{self.shown}:{line}" + (f": {described}" if described else "")


def read(path: Path, shown: str) -> Document:
    """Read a YAML file. Raises UserError, with file and line, for all that is not plain data."""
    try:
        if not path.is_file():
            raise UserError("is not a file", shown, "YAML is read from files", "name a YAML file")
        with path.open("rb") as stream:
            data = stream.read(BYTES_LIMIT + 1)
    except OSError as problem:
        raise UserError(
            "cannot be read", shown, problem.strerror or str(problem), "make it readable"
        ) from problem
    if len(data) > BYTES_LIMIT:
        why = "no file of a catalogue is so large"
        raise UserError(
            f"is larger than {BYTES_LIMIT} bytes", shown, why, "name another file, or make it smaller"
        )
    try:
        return parse(data.decode("utf-8-sig"), path, shown)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        why = "all files of the catalogue are"
        raise UserError("is not UTF-8 text", f"{shown}:{line}", why, "save it as UTF-8") from problem


def parse(text: str, path: Path, shown: str) -> Document:
    """Read YAML text that stands (or could stand) in ``path``. Raises UserError."""
    for loader in _LOADERS:
        try:
            reader = _Reader(yaml.parse(text, Loader=loader), shown)
            return Document(path, shown, reader.document(), reader.lines)
        except yaml.YAMLError as problem:
            # The fast loader's words differ from build to build: the plain one has the last word.
            if loader is _LOADERS[-1]:
                raise _no_yaml(problem, text, shown) from problem
    raise AssertionError("unreachable")


def _no_yaml(problem: yaml.YAMLError, text: str, shown: str) -> UserError:
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        line, described = problem.problem_mark.line + 1, problem.problem
    else:
        position = getattr(problem, "position", 0)
        line, described = text.count("\n", 0, position) + 1, getattr(problem, "reason", str(problem))
    why = "tabs cannot indent in YAML" if "\\t" in str(described) else str(described)
    do = "look at this line and the one before: a quote, a colon or the indentation"
    return UserError("is not valid YAML", f"{shown}:{line}", why, do)


class _Reader:
    """Turns events into values, one file."""

    def __init__(self, events: Iterator[Any], shown: str) -> None:
        self._events = (event for event in events if not isinstance(event, yaml.StreamStartEvent))
        self._shown = shown
        self.lines: dict[At, Lines] = {}

    def document(self) -> Any:
        """The one document in the file."""
        first = next(self._events)
        if isinstance(first, yaml.StreamEndEvent):
            why = "every YAML file there is read"
            raise UserError("is empty", self._shown, why, "write something into it, or delete it")
        start = next(self._events)
        value = self._value(start, (), self._line(start))
        next(self._events)
        second = next(self._events)
        if not isinstance(second, yaml.StreamEndEvent):
            self._refuse(second, "a second document begins", "a file holds one", "make it a file of its own")
        return value

    def _value(self, event: Any, at: At, key_line: int) -> Any:
        self.lines[at] = Lines(key_line, self._line(event))
        if len(at) > DEPTH_LIMIT:
            self._refuse(
                event, f"is more than {DEPTH_LIMIT} levels deep", "nothing here is", "write it flatter"
            )
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            self._refuse(event, "anchors and aliases (&, *) are not read here", _PLAIN, "write the value out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if event.tag is not None:
            self._refuse(event, f"the tag {event.tag} is not read here", _PLAIN, "leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Any] = []
            while not isinstance(one := next(self._events), yaml.SequenceEndEvent):
                items.append(self._value(one, (*at, len(items)), self._line(one)))
            return items
        return self._mapping(at)

    def _mapping(self, at: At) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in found:
                first = self.lines[(*at, key)].key
                why = f"it is in line {first} already, and only one of the two could count"
                self._refuse(event, f"the key `{key}` is there twice", why, "take one of them out")
            found[key] = self._value(next(self._events), (*at, key), self._line(event))
        return found

    def _key(self, event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            do = 'put a value that begins with {{ in quotes: "{{ name }}"'
            self._refuse(event, "a mapping or list stands where a key belongs", "keys are words", do)
        key = self._scalar(event)
        if not isinstance(key, str):
            do = f'put it in quotes: "{event.value}"'
            self._refuse(event, f"the key `{event.value}` is not text", "keys are words", do)
        return str(key)

    def _scalar(self, event: Any) -> str | int | float | bool | None:
        if event.tag not in _TEXT_TAGS:
            self._refuse(event, f"the tag {event.tag} is not read here", _PLAIN, "leave it out")
        text: str = event.value
        if event.style or event.tag:
            return text
        if _NULL.fullmatch(text):
            return None
        if text in _BOOLEANS:
            return _BOOLEANS[text]
        if _INTEGER.fullmatch(text) and len(text) < 18:
            return int(text)
        if _FLOAT.fullmatch(text):
            if math.isfinite(value := float(text)):
                return value
            self._refuse(
                event, f"the number {text[:20]}… is too large", "no number here is", "put text in quotes"
            )
        return text

    def _line(self, event: Any) -> int:
        return int(event.start_mark.line) + 1

    def _refuse(self, event: Any, what: str, why: str, do: str) -> None:
        raise UserError(what, f"{self._shown}:{self._line(event)}", why, do)
