"""Tries to mount the file system, once: ``python -I -m fleet_stress.faulty_fs.attempt <folder of ours>``.

As root it runs in its own mount namespace, which ends with this process. Exit code 0: it mounts and passes data
through; otherwise the last line on standard error says why not.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fleet_stress import system
from fleet_stress.faulty_fs.mount import FuseMount, Order


def main(scratch: Path) -> int:
    """Mount it on a folder below ``scratch``, write a file and read it from the folder below."""
    if os.geteuid() == 0 and not system.mount_private_folders({}):
        print("unshare: no mount namespace of its own can be had here", file=sys.stderr)
        return 1
    folder = scratch / "tried"
    folder.mkdir()
    below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    order = Order(folder, "fleet-stress:try", [], os.getuid(), scratch, scratch, "try", "try")
    try:
        mounted = FuseMount(order)
    except OSError as problem:
        print(problem, file=sys.stderr)
        return 1
    try:
        (folder / "file").write_text("passed", encoding="utf-8")
        found = os.open("file", os.O_RDONLY, dir_fd=below)
        passed = os.read(found, 10) == b"passed"
    except OSError as problem:
        print(problem, file=sys.stderr)
        passed = False
    finally:
        mounted.take_away()
        mounted.release()
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
