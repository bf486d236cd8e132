"""``results/<run>/live/``: how far each host of a run is, for whoever draws its page while it goes.

Each worker of ansible-playbook writes its own host's file, and any of them may draw; ``turn`` says whose turn it is.
The folder is there from a run's beginning to its report. Whoever finds none has come too late, and writes nothing.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.untrusted.atomic_files import stored, write_atomic

_LIVE, _LOCK, _HOST = "live", ".lock", ".json"
#: Beside the rows of a host, why it is not followed to its end: no row has this name.
PROBLEM = "!"
#: Between two pages, in seconds; and of all time, drawing takes one part in so many at most.
EVERY, SHARE = 5.0, 20.0
#: A page that needs no other contents is told so often that hosts still answer, in seconds.
HEARD_EVERY = 20.0


@dataclasses.dataclass
class Turn:
    """What whoever has the turn knows of the last page, and says of the next."""

    #: When it was drawn, and when hosts were last heard of (seconds of ``time.monotonic``).
    drawn: float | None = None
    heard: float | None = None
    #: Seconds that drawing took.
    took: float = 0.0
    #: What it was drawn from.
    seen: int | None = None
    #: Its own words for when hosts were last heard of.
    written: str = ""


def begin(folder: Path) -> None:
    """A run begins, or is gone on with. Raises OSError."""
    (folder / _LIVE).mkdir(exist_ok=True)
    os.close(os.open(folder / _LIVE / _LOCK, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))


def is_live(folder: Path) -> bool:
    """Whether somebody began a live page there that no report has replaced."""
    return (folder / _LIVE / _LOCK).is_file()


def tell(folder: Path, host: str, rows: Mapping[str, Any]) -> None:
    """Say how far a host is, as ``Progress.rows`` has it. Raises OSError."""
    if host and is_live(folder) and Path(host).name == host and not host.startswith("."):
        write_atomic(folder / _LIVE / f"{host}{_HOST}", rows)


def told(folder: Path) -> dict[str, dict[str, Any]]:
    """What was said of each host."""
    paths = sorted((folder / _LIVE).glob(f"*{_HOST}"))
    found = {path.name.removesuffix(_HOST): stored(path) for path in paths}
    return {name: rows for name, rows in found.items() if isinstance(rows, dict)}


@contextlib.contextmanager
def turn(folder: Path) -> Iterator[Turn | None]:
    """Whether it is our turn to draw, with what the last one left; None: somebody else draws, or the run is over.

    What is put into it is kept for the next. Raises OSError.
    """
    try:
        descriptor = os.open(folder / _LIVE / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        if not is_live(folder):  # it ended just now
            yield None
            return
        known = _read(stream.read())
        try:
            yield known
        finally:  # whoever fails does not have it over and over
            stream.seek(0)
            stream.truncate()
            json.dump(dataclasses.asdict(known), stream)


def changed(folder: Path) -> int:
    """Becomes another number when a host says something. Raises OSError."""
    return (folder / _LIVE).stat().st_mtime_ns


def needed(folder: Path) -> bool:
    """Whether there may be something to draw or to say; it costs little to ask."""
    try:
        known, now = _read((folder / _LIVE / _LOCK).read_text(encoding="utf-8")), time.monotonic()
        return (is_due(known, now) and known.seen != changed(folder)) or is_silent(known, now)
    except OSError:
        return False


def is_silent(known: Turn, now: float) -> bool:
    """Whether the page has not said for long that hosts answer; ``now``: seconds of ``time.monotonic``."""
    return known.heard is not None and now - known.heard >= HEARD_EVERY


def is_due(known: Turn, now: float) -> bool:
    """Whether a page may be drawn again; ``now``: seconds of ``time.monotonic``."""
    return known.drawn is None or now - known.drawn >= pause(known)


def pause(known: Turn) -> float:
    """Seconds between the last page and the next at least: more where drawing takes long."""
    return max(EVERY, SHARE * known.took)


def end(folder: Path) -> None:
    """The report takes over: nobody draws a live page afterwards. Waits for whoever draws now. Raises OSError."""
    try:
        descriptor = os.open(folder / _LIVE / _LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        shutil.rmtree(folder / _LIVE)
    finally:
        os.close(descriptor)


def _read(text: str) -> Turn:
    try:
        known = Turn(**json.loads(text))
        # Of before the last boot, nothing of it says anything.
        return known if (known.heard or 0.0) <= time.monotonic() else Turn()
    except (ValueError, TypeError):
        return Turn()
