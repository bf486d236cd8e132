"""hdiutil(1): ``attach``, ``detach`` and ``info`` for disks in memory.

From the manual page: "attach: ram://<sectors>" of 512 bytes, ``-nomount`` ("identical to -mount suppressed"),
``-plist`` ("other programs invoking hdiutil are expected to use -plist"), ``detach dev_name [-force]`` ("ignore open
files on mounted volumes"). What ``info -plist`` and a busy ``detach`` (exit code 16) print: as users have recorded it.
"""

import plistlib

from tests.doubles import disks
from tests.doubles.disks import left  # noqa: F401  # of all that speak of disks, this one makes them
from tests.doubles.state import Refused

#: Verbs that take an image or a device, and their options; "" takes none.
_OPTIONS = {
    "attach": {
        "-nomount": 0,
        "-plist": 0,
        "-nobrowse": 0,
        "-noverify": 0,
        "-readonly": 0,
        "-owners": 1,
        "-mount": 1,
    }
    | {"-mountpoint": 1, "-mountroot": 1, "-drivekey": 1, "-quiet": 0, "-verbose": 0},
    "detach": {"-force": 0, "-quiet": 0, "-verbose": 0},
    "info": {"-plist": 0},
}
#: The disk that the system itself lives on has the numbers below.
_FIRST = 4


def run(name, argv, mac):
    """``hdiutil verb [options]``."""
    if not argv or argv[0] not in _OPTIONS:
        raise Refused(1, "Usage: hdiutil <verb> <options>")
    verb, given, words = argv[0], {}, []
    rest = iter(argv[1:])
    for word in rest:
        if not word.startswith("-"):
            words.append(word)
        elif word in _OPTIONS[verb]:
            given[word] = next(rest, None) if _OPTIONS[verb][word] else True
        else:
            raise Refused(1, f"hdiutil: {verb}: unrecognized option `{word}'")
    return {"attach": _attach, "detach": _detach, "info": _info}[verb](given, words, mac)


def _attach(given, words, mac):
    if len(words) != 1 or not words[0].startswith("ram://"):
        raise Refused(1, "hdiutil: attach failed - No such file or directory")
    sectors = words[0].removeprefix("ram://")
    if not sectors.isdigit() or int(sectors) < 1:
        raise Refused(1, "hdiutil: attach failed - Invalid argument")
    if "-nomount" not in given and given.get("-mount") != "suppressed":
        raise Refused(1, "hdiutil: attach failed - no mountable file systems")
    number = _FIRST
    while f"/dev/disk{number}" in disks.disks(mac):
        number += 1
    mac["served"] = mac.get("served", 73000) + 1
    made = {"sectors": int(sectors), "pid": mac["served"], "volume": None, "point": None}
    disks.disks(mac)[f"/dev/disk{number}"] = made
    if "-plist" in given:
        return plistlib.dumps(
            {"system-entities": [{"content-hint": "", "dev-entry": f"/dev/disk{number}"}]}
        ).decode()
    return f"/dev/disk{number}          \t                               \t\n"


def _detach(given, words, mac):
    if len(words) != 1:
        raise Refused(1, "Usage: hdiutil detach <devname> [options]")
    device, disk = disks.find(mac, words[0])
    if disk is None:
        raise Refused(1, "hdiutil: detach failed - No such file or directory")
    name = device.removeprefix("/dev/")
    if disk["point"] is not None and not disks.unmount(disk, force="-force" in given):
        raise Refused(16, f'hdiutil: couldn\'t unmount "{name}" - Resource busy')
    del disks.disks(mac)[device]
    return f'"{name}" ejected.\n'


def _info(given, words, mac):
    if words or "-plist" not in given:
        raise Refused(1, "the double knows hdiutil info with -plist alone")
    images = []
    for device, disk in disks.disks(mac).items():
        entity = {"content-hint": "Apple_HFS" if disk["volume"] else "", "dev-entry": device}
        if disk["point"]:
            entity["mount-point"] = disk["point"]
        images.append(
            {
                "autodiskmount": False,
                "blockcount": disk["sectors"],
                "blocksize": disks.SECTOR,
                "hdid-pid": disk["pid"],
                "image-encrypted": False,
                "image-path": f"ram://{disk['sectors']}",
                "image-type": "read/write",
                "owner-uid": 0,
                "removable": True,
                "system-entities": [entity],
                "writeable": True,
            }
        )
    return plistlib.dumps({"framework": "683.100.3", "images": images, "revision": "10.13"}).decode()
