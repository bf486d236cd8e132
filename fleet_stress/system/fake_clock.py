"""A clock for the bot alone: the host's libfaketime in the bot's processes, with its offset in a file.

Linux only so far: it is tested with libfaketime of Linux.

The host's clock stays as it is. CLOCK_MONOTONIC stays true, as when a real clock is set, and files still get their
times from the kernel. The loaded library is a copy with two changes:

- Sleeping is left to the kernel. libfaketime 0.9.10 (Debian 12) makes ``clock_nanosleep`` fail with EINVAL where
  CLOCK_MONOTONIC is left alone, which is how Python sleeps since 3.11 (github.com/wolfcw/libfaketime/issues/426).
- Its files in /dev/shm have a name of ours, so that they can be recognised and removed after a kill.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from fleet_stress.store import bounded_read
from fleet_stress.store.atomic import write_atomic
from fleet_stress.system import process, short_answer

#: Its paths: Debian and derivatives, then Fedora and Arch.
_LIBRARIES = (
    "usr/lib/*/faketime/libfaketime.so.1",
    "usr/lib64/faketime/libfaketime.so.1",
    "usr/lib/faketime/libfaketime.so.1",
)
SHARED_MEMORY = Path("/dev/shm")
#: Deadline in seconds for the control program.
_CONTROL_WITHIN = 60.0
#: Seconds by which two processes' readings of one clock may differ on a busy host; far less than any step.
NEAR = 60.0

_CONTROL = """
import json, time
began = time.monotonic()
time.sleep(0.01)
now = time.time()
print(json.dumps({"time": now, "monotonic": time.monotonic(), "slept": time.monotonic() - began,
                  "zone": time.tzname[time.localtime(now).tm_isdst > 0], "dst": time.localtime(now).tm_isdst > 0}))
"""


class Control(NamedTuple):
    """What a program in the bot's environment sees: its clock's offset from the host's, and its time zone."""

    offset: float
    monotonic_true: bool
    zone: str
    dst: bool


def library() -> Path | None:
    """The host's libfaketime, or None."""
    return next((found for pattern in _LIBRARIES for found in sorted(Path("/").glob(pattern))), None)


def prefix(mark: str) -> str:
    """The prefix of its names in /dev/shm."""
    return f"fs-{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


class FakeClock:
    """The clock of one arena's bot, in a folder that the bot can read and only we can write."""

    def __init__(self, folder: Path, mark: str) -> None:
        self._folder, self._mark = folder, mark
        self._offset, self._copy = folder / "offset", folder / "libfaketime.so.1"

    def make(self) -> None:
        """Put the copy in place, without an offset. Raises OSError, also if the host has no libfaketime."""
        found = library()
        if found is None:
            raise OSError("the host has no libfaketime")
        self._folder.mkdir(mode=0o755, exist_ok=True)
        self._copy.write_bytes(_changed(found.read_bytes(), prefix(self._mark)))
        self._copy.chmod(0o644)
        self.set(0.0)

    def set(self, offset: float) -> None:
        """Set the offset in seconds; running programs see it when they next read the clock."""
        beside = self._offset.with_suffix(".new")
        beside.write_text(f"{offset:+.3f}\n", encoding="ascii")
        beside.chmod(0o644)
        beside.replace(self._offset)

    @property
    def offset(self) -> float:
        """The offset in seconds. Raises OSError if there is no such clock."""
        return float(self._offset.read_text(encoding="ascii"))

    def environment(self, own_preload: str = "") -> dict[str, str]:
        """What a program needs in its environment; ``own_preload``: its own LD_PRELOAD."""
        return {
            "LD_PRELOAD": " ".join(library for library in (str(self._copy), own_preload) if library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }

    def loaded_by(self, processes: list[psutil.Process]) -> dict[int, bool]:
        """Whether each process has loaded the library (proc_pid_maps(5)); a static program has not."""
        loaded = {}
        for each in processes:
            try:
                loaded[each.pid] = str(self._copy) in Path(f"/proc/{each.pid}/maps").read_text(
                    errors="replace"
                )
            except OSError:
                continue
        return loaded

    def control(self, python: str, environment: Mapping[str, str], user: process.User) -> Control:
        """Run a control program in such an environment. Raises OSError with its message if it fails."""
        before, monotonic = time.time(), time.monotonic()
        started = process.start(
            [python, "-I", "-c", _CONTROL],
            user=user,
            folder=Path("/"),
            environment=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        said = short_answer.of(started, _CONTROL_WITHIN)
        if said is None:
            raise OSError("a program that loads it does not get on: its sleep does not end")
        out, err = said
        try:
            seen = bounded_read.from_json(out.decode(errors="replace"))
            if not isinstance(seen, dict) or not {"time", "monotonic", "zone", "dst"} <= set(seen):
                raise ValueError("no answer")
        except ValueError:
            lines = err.decode(errors="replace").strip().splitlines() or [f"exit code {started.returncode}"]
            raise OSError(f"a program that loads it breaks down: {lines[-1][:200]}") from None
        # The middle of the two moments between which it answered.
        middle = (before + time.time()) / 2
        true = monotonic - NEAR <= seen["monotonic"] <= time.monotonic() + NEAR
        return Control(round(seen["time"] - middle, 1), true, seen["zone"], seen["dst"])


def forget(name: str) -> None:
    """Remove what killed processes have left in /dev/shm under our names."""
    for path in left(name):
        path.unlink(missing_ok=True)


def left(name: str) -> list[Path]:
    """Files in /dev/shm whose names begin so."""
    if not SHARED_MEMORY.is_dir():
        return []
    return [path for path in SHARED_MEMORY.iterdir() if path.name.startswith((name, f"sem.{name}"))]


def remember(folder: Path, clock: Mapping[str, Any]) -> None:
    """Keep what ``clock_step`` needs to know about the active clock."""
    write_atomic(folder / "clock.json", dict(clock), 0o644)


def remembered(folder: Path) -> dict[str, Any]:
    """What was kept. Raises OSError if no clock is active."""
    found: dict[str, Any] = json.loads((folder / "clock.json").read_text(encoding="utf-8"))
    return found


def _changed(content: bytes, name: str) -> bytes:
    """Make the two changes; each text is replaced by one of equal length, so that nothing else moves."""
    content = content.replace(b"\0clock_nanosleep\0", b"\0clock_nanosleeq\0")
    for what, mark in ((b"/faketime_sem_%ld", b"s"), (b"/faketime_shm_%ld", b"m")):
        content = content.replace(what, (b"/" + name.encode() + mark + b"%ld").ljust(len(what), b"\0"))
    return content
