"""Records what bypasses the shim, as far as Python reports it (audit events), so that the evidence can say so."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders

#: At most so many a process, each once.
_MOST = 50
#: mmap.ACCESS_DEFAULT and mmap.ACCESS_WRITE: what is written there goes to the file.
_WRITING_MAPS = (0, 3)


def listen(folders: Folders) -> None:
    """Listen from now on; there is no way back (sys.addaudithook)."""
    reported: set[tuple[str, str]] = set()

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        look = _LOOKS.get(event)
        if look is None or len(reported) >= _MOST or folders.inside:
            return
        with contextlib.suppress(Exception):  # an audit hook that raises would fail the bot's call
            seen = look(folders, *arguments)
            if seen is not None and seen not in reported:
                reported.add(seen)
                _report(folders, *seen)

    sys.addaudithook(hear)


def _report(folders: Folders, what: str, which: str) -> None:
    line = json.dumps({"what": what, "which": which[:300]}).encode() + b"\n"
    path = os.path.join(folders.place, "records", "noticed")
    descriptor = system.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        if system.fstat(descriptor).st_size < 100_000:
            system.write(descriptor, line)
    finally:
        system.close(descriptor)


def _opened(folders: Folders, path: Any, _mode: Any, flags: Any) -> tuple[str, str] | None:
    writing = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    spot = folders.at(path) if writing and not isinstance(path, int) else None
    return ("opened for writing past it", spot.path) if spot else None


def _database(folders: Folders, database: Any, *_: Any) -> tuple[str, str] | None:
    spot = folders.at(database)
    return ("sqlite", spot.path) if spot else None


def _map(folders: Folders, descriptor: int, _length: Any, access: int, *_: Any) -> tuple[str, str] | None:
    spot = folders.of(descriptor) if access in _WRITING_MAPS else None
    return ("mmap", spot.path) if spot else None


def _program(_: Folders, program: Any, *__: Any) -> tuple[str, str] | None:
    text = program if isinstance(program, (str, bytes, os.PathLike)) else program[0]
    return ("program", os.fsdecode(text))


_LOOKS: dict[str, Callable[..., tuple[str, str] | None]] = {
    "open": _opened,
    "sqlite3.connect": _database,
    "mmap.__new__": _map,
    "subprocess.Popen": _program,
    "os.exec": _program,
    "os.posix_spawn": _program,
    "os.system": _program,
}
