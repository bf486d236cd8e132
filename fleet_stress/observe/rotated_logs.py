"""Which files are a log that was rotated away: named by number, date or compression, or as the profile says."""

from __future__ import annotations

import bz2
import fnmatch
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

#: So much of a compressed log is unpacked, whatever it holds.
UNPACKED_LIMIT = 64_000_000
_CHUNK = 1 << 16
#: ``.1`` (logging, logrotate), ``.2026-11-30``, ``-20261130-0001``, ``.2026-11-30_10-20-11`` (loguru), ``.old``.
_MARK = r"[._-](?:\d[\d_.:T-]*|old)"
_PACKED = r"(?:\.(?:gz|bz2|xz|zst|zip|Z))"


class LogFamilies:
    """Logs by their keys, each with the globs of its profile for the names that it is rotated to."""

    def __init__(self, logs: Mapping[str, Sequence[str]] | Iterable[str]) -> None:
        """``logs``: globs, relative to the log's own folder, by the key of the log; or only keys."""
        self._logs = dict(logs) if isinstance(logs, Mapping) else dict.fromkeys(logs, ())
        self._patterns = {key: _pattern(key) for key in self._logs}

    def of(self, key: str) -> str:
        """The key of the log that a file is, or was before its rotation; of any other file its own key."""
        if key in self._logs:
            return key
        for log, globs in self._logs.items():
            folder = log.rpartition("/")[0]
            inside = key[len(folder) + 1 :] if key.startswith(f"{folder}/") else ""
            if inside and any(fnmatch.fnmatchcase(inside, glob) for glob in globs):
                return log
        return next((log for log, pattern in self._patterns.items() if pattern.fullmatch(key)), key)

    def holds(self, key: str) -> bool:
        """Whether a file is one of the logs, or was."""
        return self.of(key) in self._logs


def _pattern(key: str) -> re.Pattern[str]:
    """``bot.log`` → ``bot.log.1``, ``bot.log.1.gz``, ``bot.log.gz``, ``bot-20261130.log`` and the like."""
    folder, slash, name = key.rpartition("/")
    stem, dot, suffix = name.rpartition(".")
    whole, before = re.escape(folder + slash + name), re.escape(folder + slash + stem)
    inside = f"|{before}{_MARK}{re.escape(dot + suffix)}{_PACKED}?" if stem else ""
    return re.compile(f"{whole}{_MARK}{_PACKED}?|{whole}{_PACKED}{inside}")


def is_packed(key: str) -> bool:
    """Whether the name of a file says that it is compressed."""
    return re.search(f"{_PACKED}$", key) is not None


def unpacked(key: str, data: bytes) -> bytes | None:
    """What a compressed log holds, at most ``UNPACKED_LIMIT`` of it; None: it cannot be read here."""
    make = _UNPACKERS.get(key.rpartition(".")[2])
    if make is None:
        return None
    parts, size, unpack = [], 0, make()
    try:
        for begin in range(0, len(data), _CHUNK):
            parts.append(unpack.decompress(data[begin : begin + _CHUNK], UNPACKED_LIMIT - size))
            size += len(parts[-1])
            if size >= UNPACKED_LIMIT or unpack.eof:
                break
    except (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError):
        return b"".join(parts) or None
    return b"".join(parts)


_UNPACKERS: Mapping[str, Callable[[], Any]] = {
    "gz": lambda: zlib.decompressobj(wbits=31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
