"""Linux: what the distribution calls itself."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path

__all__ = ["distribution"]

#: os-release(5): the first of these that is there.
_FILES = (Path("/etc/os-release"), Path("/usr/lib/os-release"))
#: Bytes of such a file that are read, and characters of a name.
_FILE, _NAME = 65_536, 200


def distribution() -> str:
    """``Debian GNU/Linux 12 (bookworm)``; empty where it does not say."""
    for path in _FILES:
        with contextlib.suppress(OSError), path.open(encoding="utf-8", errors="replace") as stream:
            return _named(stream.read(_FILE))
    return ""


def _named(text: str) -> str:
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name in ("PRETTY_NAME", "NAME"):
            with contextlib.suppress(ValueError):  # an odd quote
                found[name] = " ".join(shlex.split(value))
    return (found.get("PRETTY_NAME") or found.get("NAME", ""))[:_NAME]
