"""How the commands of another controller begin: believed only where it is what we write, never pasted as it came."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_controller.runs.repeat_command import COMMAND, PASSED_ON
from fleet_controller.messages.text import plain

#: Longest word that is taken, in characters.
_WORD_LIMIT = 1_000


def beginning(host: Mapping[str, Any]) -> list[str]:
    """How the commands of a slice begin, if it is what we write; else our own: a stranger's words are not pasted."""
    try:
        words = shlex.split(host["scenarios"][0]["repeat"]) if host["scenarios"] else []
    except ValueError:
        words = []
    head = words[: words.index("-l")] if "-l" in words else []
    options = head[len(COMMAND) :]
    pairs = list(zip(options[::2], options[1::2], strict=False))
    fits = tuple(head[: len(COMMAND)]) == COMMAND and len(options) == 2 * len(pairs)
    return head if fits and all(_ours(*pair) for pair in pairs) else list(COMMAND)


def _ours(option: str, word: str) -> bool:
    """Whether two words of a command are such as stress_report writes: an inventory, or one of few variables."""
    if option == "-i":
        return len(word) <= _WORD_LIMIT and plain(word) == word and not word.startswith("-")
    return (
        option == "-e" and len(word) <= _WORD_LIMIT and plain(word) == word and _variable(word) in PASSED_ON
    )


def extras(head: Sequence[str]) -> list[str]:
    """Of a command's beginning, what was said by ``-e``."""
    options = head[len(COMMAND) :]
    return [
        word for pair in zip(options[::2], options[1::2], strict=True) if pair[0] == "-e" for word in pair
    ]


def _variable(word: str) -> str | None:
    """The one variable that a word behind ``-e`` sets."""
    if not word.startswith("{"):
        return word.partition("=")[0]
    try:
        found = json.loads(word)
    except ValueError:
        return None
    return str(next(iter(found))) if isinstance(found, dict) and len(found) == 1 else None
