"""mount(8), with mount_hfs(8) behind it: lists what is mounted, and mounts a volume of a disk in memory."""

from pathlib import Path

from tests.doubles import disks
from tests.doubles.state import Refused

#: The options that the manual page has for ``-o``.
_KNOWN = {
    "async",
    "force",
    "noasync",
    "noauto",
    "nodev",
    "noexec",
    "noowners",
    "nosuid",
    "rdonly",
    "sync",
    "update",
}
_KNOWN |= {"union", "noatime", "strictatime", "nobrowse", "nofollow"}
_SYSTEM = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect, root data)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
"""


def run(name, argv, mac):
    """``mount``, or ``mount -t hfs [-o options] special mount_point``."""
    if not argv:
        lines = [
            f"{device} on {item['point']} (hfs, local, {', '.join(item['options'])})\n"
            for device, item in disks.disks(mac).items()
            if item["point"]
        ]
        return _SYSTEM + "".join(lines)
    words, options = list(argv), []
    if words[:2] != ["-t", "hfs"]:
        raise Refused(1, f"mount: the double mounts HFS+ alone, not {argv}")
    words = words[2:]
    if words[:1] == ["-o"]:
        options, words = words[1].split(","), words[2:]
    if len(words) != 2:
        raise Refused(1, "usage: mount [-dfFrkuvw] [-o options] [-t lfs | external_type] special mount_point")
    unknown = [option for option in options if option not in _KNOWN]
    if unknown:
        raise Refused(1, f"mount_hfs: -o {unknown[0]}: option not supported")
    special, point = words
    disks.need_root(f"mount_hfs: {special} on {point}: Operation not permitted")
    device, disk = disks.find(mac, special)
    if disk is None or not Path(point).is_dir():
        raise Refused(1, f"mount_hfs: {special if disk is None else point}: No such file or directory")
    if disk["point"] is not None:
        raise Refused(1, f"mount_hfs: {device} on {point}: Resource busy")
    if disk["volume"] is None:
        raise Refused(1, f"mount_hfs: {device} on {point}: Invalid argument")
    disk["options"] = options
    disks.mount(disk, point)
    return ""


def left(mac):
    """What is mounted goes with its disk."""
    return []
