"""Throughput of the file system without rules against the bare disk, as a ratio.

    python -m tools.faulty_fs_throughput FOLDER

Counts cycles of what a careful bot does to save (write beside, fsync, rename), first on the folder, then through us.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from fleet_stress import system
from fleet_stress.faulty_fs.mount import FuseMount, Order

_SECONDS = 3.0
_CONTENT = bytes(4096)


def cycles_per_second(folder: Path, seconds: float = _SECONDS) -> float:
    """How many saves a second one thread gets done."""
    began, done = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        beside = folder / "state.json.tmp"
        with beside.open("wb") as stream:
            stream.write(_CONTENT)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(folder / "state.json")
        done += 1
    return done / (time.monotonic() - began)


def main(where: Path) -> int:
    """Print both and their ratio."""
    if os.geteuid() == 0 and not system.mount_private_folders({}):
        print("unshare: no mount namespace of its own can be had here", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(dir=where) as scratch:
        folder = Path(scratch, "folder")
        folder.mkdir()
        bare = cycles_per_second(folder)
        order = Order(
            folder, "fleet-stress:ratio", [], os.getuid(), Path(scratch), Path(scratch), "ratio", "ratio"
        )
        mounted = FuseMount(order)
        try:
            through = cycles_per_second(folder)
        finally:
            mounted.take_away()
            mounted.release()
    print(
        f"bare {bare:.0f}/s, through {through:.0f}/s, ratio {through / bare:.2f} (write, fsync, rename of 4 KB)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
