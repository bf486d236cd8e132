"""newfs_hfs(8): makes an HFS+ volume on a device; 512 KiB at least (newfs_hfs.c, kMinHFSPlusVolumeSize)."""

from tests.doubles import disks
from tests.doubles.state import Refused

#: Options and whether they take a value, from the synopsis.
_OPTIONS = {
    "-N": 1,
    "-U": 1,
    "-G": 1,
    "-M": 1,
    "-P": 0,
    "-b": 1,
    "-c": 1,
    "-i": 1,
    "-n": 1,
    "-J": 0,
    "-s": 0,
    "-v": 1,
}
_LEAST, _LONGEST_NAME = 512 * 1024, 255


def run(name, argv, mac):
    """``newfs_hfs [options] special``."""
    given, words = {}, []
    rest = iter(argv)
    for word in rest:
        if not word.startswith("-"):
            words.append(word)
        elif word in _OPTIONS:
            given[word] = next(rest, None) if _OPTIONS[word] else True
        else:
            raise Refused(
                1, f"newfs_hfs: illegal option -- {word[1:]}\nusage: newfs_hfs [-N [partition-size]] device"
            )
    if len(words) != 1:
        raise Refused(1, "usage: newfs_hfs [-N [partition-size]] [hfsplus-options] special-device")
    device, disk = disks.find(mac, words[0])
    if disk is None:
        raise Refused(1, f"newfs_hfs: {words[0]}: No such file or directory")
    if disk["point"] is not None:
        raise Refused(1, f"newfs_hfs: {device} is mounted on {disk['point']}: Resource busy")
    called = given.get("-v", "untitled")
    if not called or len(called) > _LONGEST_NAME:
        raise Refused(1, f'newfs_hfs: "{called}" is not a legal HFS Plus volume name')
    size = disk["sectors"] * disks.SECTOR
    if size < _LEAST:
        raise Refused(1, f"newfs_hfs: {words[0]}: partition is too small (minimum is {_LEAST // 1024} KB)")
    disk["volume"] = called
    return f"Initialized {words[0]} as a {size // 1024} KB case-insensitive HFS Plus volume\n"


def left(mac):
    """A volume goes with its disk."""
    return []
