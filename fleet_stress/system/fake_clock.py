"""The bot's own clock: the host's libfaketime, loaded into the bot's processes and told by a file how far off it is.

Linux's alone so far: it is tried with libfaketime as Linux has it.

The host's clock stays as it is. CLOCK_MONOTONIC stays true, as it does when a real clock is set, and files go on
getting their true times from the kernel. What is loaded is a copy of ours with two changes:

- Sleeping is left to the kernel. libfaketime 0.9.10 (Debian 12) makes ``clock_nanosleep`` fail with EINVAL where
  CLOCK_MONOTONIC is left alone, which is how Python sleeps since 3.11 (github.com/wolfcw/libfaketime/issues/426).
- What it keeps in /dev/shm has a name of ours, so that it can be told from others' and taken away after a kill.
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

from fleet_stress.store.atomic import write_atomic
from fleet_stress.system import process

#: Where distributions put it: Debian and its like, then Fedora and Arch.
_LIBRARIES = (
    "usr/lib/*/faketime/libfaketime.so.1",
    "usr/lib64/faketime/libfaketime.so.1",
    "usr/lib/faketime/libfaketime.so.1",
)
SHARED_MEMORY = Path("/dev/shm")
#: What the control may take to start and sleep a little, in seconds: a deadline, not an expectation.
_CONTROL_WITHIN = 60.0
#: Two looks at one clock, by two processes, may lie so far apart on a busy host. Far less than any step. Seconds.
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
    """What a program in the bot's environment says: its clock's offset from the host's, and its time zone."""

    offset: float
    monotonic_true: bool
    zone: str
    dst: bool


def library() -> Path | None:
    """The host's libfaketime, or None."""
    return next((found for one in _LIBRARIES for found in sorted(Path("/").glob(one))), None)


def prefix(mark: str) -> str:
    """What the names in /dev/shm begin with."""
    return f"fs-{hashlib.sha256(mark.encode()).hexdigest()[:8]}"


class FakeClock:
    """The clock of one arena's bot, in a folder that the bot can read and only we write to."""

    def __init__(self, folder: Path, mark: str) -> None:
        self._folder, self._mark = folder, mark
        self._offset, self._copy = folder / "offset", folder / "libfaketime.so.1"

    def make(self) -> None:
        """Put the copy in place; the clock is right. Raises OSError, also where the host has no libfaketime."""
        found = library()
        if found is None:
            raise OSError("the host has no libfaketime")
        self._folder.mkdir(mode=0o755, exist_ok=True)
        self._copy.write_bytes(_changed(found.read_bytes(), prefix(self._mark)))
        self._copy.chmod(0o644)
        self.set(0.0)

    def set(self, offset: float) -> None:
        """So many seconds off from now on; programs that run see it at their next look."""
        beside = self._offset.with_suffix(".new")
        beside.write_text(f"{offset:+.3f}\n", encoding="ascii")
        beside.chmod(0o644)
        beside.replace(self._offset)

    @property
    def offset(self) -> float:
        """How far off it is, in seconds. Raises OSError where there is no such clock."""
        return float(self._offset.read_text(encoding="ascii"))

    def environment(self, own_preload: str = "") -> dict[str, str]:
        """What a program needs in its environment; ``own_preload``: its own LD_PRELOAD."""
        return {
            "LD_PRELOAD": " ".join(one for one in (str(self._copy), own_preload) if one),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }

    def loaded_by(self, processes: list[psutil.Process]) -> dict[int, bool]:
        """Of each process whether the library is in it (proc_pid_maps(5)): a static program has none."""
        told = {}
        for one in processes:
            try:
                told[one.pid] = str(self._copy) in Path(f"/proc/{one.pid}/maps").read_text(errors="replace")
            except OSError:
                continue
        return told

    def control(self, python: str, environment: Mapping[str, str], user: process.User) -> Control:
        """Ask a program in such an environment. Raises OSError with what it said where it breaks down."""
        before, monotonic = time.time(), time.monotonic()
        started = process.start(
            [python, "-I", "-c", _CONTROL],
            user=user,
            folder=Path("/"),
            environment=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            out, err = started.communicate(timeout=_CONTROL_WITHIN)
        except subprocess.TimeoutExpired:
            raise OSError("a program that loads it does not get on: its sleep does not end") from None
        finally:
            started.kill()
            started.wait()
        try:
            said = json.loads(out)
        except ValueError:
            lines = err.decode(errors="replace").strip().splitlines() or [f"exit code {started.returncode}"]
            raise OSError(f"a program that loads it breaks down: {lines[-1][:200]}") from None
        # Of two moments the middle: it said so somewhere in between.
        middle = (before + time.time()) / 2
        true = monotonic - NEAR <= said["monotonic"] <= time.monotonic() + NEAR
        return Control(round(said["time"] - middle, 1), true, said["zone"], said["dst"])


def forget(name: str) -> None:
    """Take away what processes that were killed have left in /dev/shm under names of ours."""
    for path in left(name):
        path.unlink(missing_ok=True)


def left(name: str) -> list[Path]:
    """What is in /dev/shm under names that begin so."""
    if not SHARED_MEMORY.is_dir():
        return []
    return [one for one in SHARED_MEMORY.iterdir() if one.name.startswith((name, f"sem.{name}"))]


def remember(folder: Path, told: Mapping[str, Any]) -> None:
    """Keep what ``clock_step`` has to know of the clock that stands."""
    write_atomic(folder / "clock.json", dict(told), 0o644)


def remembered(folder: Path) -> dict[str, Any]:
    """What was kept. Raises OSError where no clock stands."""
    found: dict[str, Any] = json.loads((folder / "clock.json").read_text(encoding="utf-8"))
    return found


def _changed(content: bytes, name: str) -> bytes:
    """The two changes; each text is replaced by one of the same length, so that nothing else moves."""
    content = content.replace(b"\0clock_nanosleep\0", b"\0clock_nanosleeq\0")
    for what, mark in ((b"/faketime_sem_%ld", b"s"), (b"/faketime_shm_%ld", b"m")):
        content = content.replace(what, (b"/" + name.encode() + mark + b"%ld").ljust(len(what), b"\0"))
    return content
