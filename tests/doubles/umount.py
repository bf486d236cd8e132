"""umount(8): takes away what is mounted at a folder; a busy one it refuses, with a word about diskutil."""

import os

from tests.doubles import disks
from tests.doubles.state import Refused


def run(name, argv, mac):
    """``umount [-f] special | node``."""
    force, words = "-f" in argv, [word for word in argv if word != "-f"]
    if len(words) != 1 or words[0].startswith("-"):
        raise Refused(1, "usage: umount [-fv] special | node")
    disks.need_root(f"umount({words[0]}): Operation not permitted")
    for device, disk in disks.disks(mac).items():
        if disk["point"] is not None and (words[0] == device or os.path.realpath(words[0]) == disk["point"]):
            if not disks.unmount(disk, force=force):
                raise Refused(1, f"umount({disk['point']}): Resource busy -- try 'diskutil unmount'")
            return ""
    raise Refused(1, f"umount: {words[0]}: not currently mounted")


def left(mac):
    """What is mounted goes with its disk."""
    return []
