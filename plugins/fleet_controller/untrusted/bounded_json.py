"""Reading what somebody else wrote: regular files only; a JSON document of bounded size and real numbers only."""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


class TooLarge(ValueError):
    """More bytes than anything that we write."""


def read_json(path: Path, limit: int) -> Any:
    """The document in ``path``, which may have ``limit`` bytes.

    Raises OSError, also for what is no regular file (a link, or a pipe that would never end), ValueError and
    RecursionError.
    """
    with open_regular(path) as (stream, size):
        if size > limit:
            raise TooLarge(f"it has {size} bytes, and no such file has more than {limit}")
        text = stream.read(limit).decode("utf-8")
    return json.loads(text, parse_constant=_no_number, parse_float=_finite)


@contextmanager
def open_regular(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A file opened for reading, and its size in bytes. Raises OSError, also for what is no regular file."""
    # Never a wait for the other end of a pipe; what was opened is looked at, not what its name meant before.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(0, "it is no regular file", str(path))
        yield stream, found.st_size


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _finite(word: str) -> float:
    number = float(word)
    if not math.isfinite(number):
        raise ValueError(f"{word[:40]} is too large a number")
    return number
