"""The clock of a lab's host: what ``clock.c`` adds to this machine's time of day. This machine's own stays as it is.

What it does not do: the kernel goes on giving files their true times.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from pathlib import Path

#: On a host: the library that every program loads, and the page with the offset.
LIBRARY = "/usr/lib/lab/clock.so"
_CLOCK = "/run/lab-clock"
_FORMAT = "q"


def compiler() -> str | None:
    """The C compiler of this machine."""
    return shutil.which("cc") or shutil.which("gcc")


def build(made: Path) -> Path:
    """Compile the library into a file; returns it. Raises CalledProcessError, FileNotFoundError without a compiler."""
    found = compiler()
    if found is None:
        raise FileNotFoundError(
            "no C compiler, which clocks that can be stepped take: apt-get install gcc libc6-dev"
        )
    source = Path(__file__).with_name("clock.c")
    words = [found, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", f'-DCLOCK="{_CLOCK}"']
    subprocess.run([*words, "-o", str(made), str(source), "-ldl"], check=True, stdin=subprocess.DEVNULL)
    return made


def start(run: Path) -> None:
    """A host's clock begins with the right time; ``run`` is its ``/run``."""
    (run / Path(_CLOCK).name).write_bytes(bytes(struct.calcsize(_FORMAT)))


def step(root: Path, seconds: int) -> None:
    """Step the clock of the host with this root, forward or back, from where it is; all its programs see it at once."""
    descriptor = os.open(root / _CLOCK.lstrip("/"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        (before,) = struct.unpack(_FORMAT, os.pread(descriptor, struct.calcsize(_FORMAT), 0))
        os.pwrite(descriptor, struct.pack(_FORMAT, before + seconds), 0)
    finally:
        os.close(descriptor)
