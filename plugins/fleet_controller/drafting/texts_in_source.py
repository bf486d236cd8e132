"""What a program's source, or its output, gives away besides: its hosts, and its words for a write that failed."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: In an address, and as Python's libraries say it of a connection that failed.
_HOST = re.compile(
    r"""(?:\b(?:https?|wss?)://|host=["'])((?:[a-z0-9](?:[a-z0-9-]{0,62})\.)+[a-z]{2,})\b""", re.IGNORECASE
)
_NO_EXCHANGE = re.compile(
    r"(github|gitlab|python|readthedocs|example|schema|w3|apache|mozilla|pypi)\.", re.IGNORECASE
)


def hosts(texts: Mapping[str, str]) -> list[str]:
    """Names of hosts in its source, or in what it prints; those of projects and standards are left out."""
    found = dict.fromkeys(match[1].lower() for text in texts.values() for match in _HOST.finditer(text))
    return [name for name in found if not _NO_EXCHANGE.search(name)][:20]


_WRITES = r"(?:write|save|store|persist|flush)"
_NOT_WRITTEN = re.compile(
    rf"""["'\x60]([^"'\x60\n]{{0,60}}(?:(?:cannot|can't|could not|couldn't|failed to|unable to) {_WRITES}"""
    r"""|not (?:saved|written|stored)|(?:write|save) failed)[^"'\x60\n]{0,60})["'\x60]""",
    re.IGNORECASE,
)


def write_failures(texts: Mapping[str, str]) -> list[str]:
    """What its source seems to say where a write fails: the words, up to what is filled in."""
    found = [match[1] for text in texts.values() for match in _NOT_WRITTEN.finditer(text)]
    pieces = [max(re.split(r"\{[^}]*\}|%\w|\$\{?\w+", text), key=len).strip(" :.") for text in found]
    pieces = [piece.replace("'", ".") for piece in pieces]
    return list(dict.fromkeys(piece for piece in pieces if re.fullmatch(r"[\w ,:.-]{8,}", piece)))[:5]


#: What stands between its arguments: so much at most, and no other handler.
_REST = r"(?:(?!RotatingFileHandler).){0,200}?"
_ROTATED = re.compile(
    rf"""RotatingFileHandler\({_REST}["']([\w.-]+)["']{_REST}maxBytes\s*=\s*([\d_]+)(?:[^)]{{0,200}}?backupCount\s*=\s*(\d+))?""",
    re.DOTALL,
)


def rotated_log(texts: Mapping[str, str]) -> tuple[str, int, int] | None:
    """Name, size in bytes and backups of the log that Python's ``logging`` rotates; None: none, or several."""
    found = {match.groups() for text in texts.values() for match in _ROTATED.finditer(text)}
    if len(found) != 1:
        return None
    name, size, backups = found.pop()
    return name, int(size.replace("_", "")), int(backups or 0)
