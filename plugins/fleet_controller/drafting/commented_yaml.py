"""YAML with comments: each key below the lines that say where its value comes from."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any, NamedTuple

import yaml

_WIDTH = 118


class Entry(NamedTuple):
    """One key at the top, with its comments; without a key, comments alone."""

    key: str
    value: Any
    comments: list[str]


def text_of(entries: Iterable[Entry], head: Iterable[str]) -> str:
    """The whole file; ``head`` are comments at its beginning."""
    lines = ["---", *(f"# {line}" for line in head)]
    for entry in entries:
        for comment in entry.comments:
            lines += textwrap.wrap(
                _one_line(comment),
                _WIDTH,
                initial_indent="# ",
                subsequent_indent="#   ",
                break_long_words=False,
            )
        if entry.key:
            style = None if isinstance(entry.value, (dict, list)) else False
            lines += yaml.safe_dump(
                {entry.key: entry.value},
                sort_keys=False,
                default_flow_style=style,
                width=_WIDTH,
                allow_unicode=True,
            ).splitlines()
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    """What a stranger's bot has written stays within its comment."""
    return "".join(item if item.isprintable() else " " for item in text)
