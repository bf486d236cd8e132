r"""Texts that a host sent, made harmless before anybody reads them: a terminal obeys control characters.

Whatever is not to be seen is spelled out (``\x1b``), so that nothing is hidden and nothing is obeyed. That
covers all that XML forbids as well. The untouched text stays in ``hosts/<name>/``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

#: Longer texts are cut: a reason is a sentence, and the whole of it is in the evidence. Characters.
TEXT_LIMIT = 4_000
_KEPT = "\n\t"
#: What is told of a value that holds one, and what to do: execve(2) and open(2) end a text there.
NUL = "it holds a NUL (a byte of value 0), and neither a path nor a word of a command can"
WITHOUT_NUL = "write it without that byte"


def plain(text: Any, limit: int = TEXT_LIMIT) -> str:
    """The text with everything invisible but line breaks and tabs spelled out, and cut to ``limit``."""
    whole = str(text)
    shown = spelled_out(whole[:limit])
    left = len(whole) - limit
    return f"{shown} … ({left} more characters)" if left > 0 else shown


def spelled_out(text: str) -> str:
    """The text with everything invisible but line breaks and tabs spelled out."""
    if all(line.isprintable() for line in text.split("\n")):  # nearly always, and much faster
        return text
    return "".join(_spelled(character) if _invisible(character) else character for character in text)


def has_nul(value: Any) -> bool:
    """Whether a text holds a NUL, or one in a list or a mapping does, its keys too."""
    if isinstance(value, Mapping):
        return any(has_nul(item) for pair in value.items() for item in pair)
    if isinstance(value, (list, tuple)):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\0" in value


def cleaned(value: Any) -> Any:
    """A JSON value with all of its texts made plain, keys too."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {plain(name): cleaned(item) for name, item in value.items()}
    if isinstance(value, list):
        return [cleaned(item) for item in value]
    return value


def in_one_line(text: str, limit: int) -> str:
    """The text on one line, blanks and line breaks as one blank, at most ``limit`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def number_of(number: int, noun: str) -> str:
    """``1 host``, ``2 hosts``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def first_of(names: Sequence[str], most: int = 3) -> str:
    """``a, b, c and 7 more``."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def duration(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _invisible(text: str) -> bool:
    """Control, format (they turn the reading direction), surrogate, private, unassigned; other line ends."""
    return text not in _KEPT and unicodedata.category(text) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def _spelled(text: str) -> str:
    code = ord(text)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
