"""diskutil(8): ``info -plist device`` and ``unmount [force] device | mount point``."""

import plistlib

from tests.doubles import disks
from tests.doubles.state import Refused


def run(name, argv, mac):
    """``diskutil verb [options]``."""
    if argv[:2] == ["info", "-plist"] and len(argv) == 3:
        return _info(argv[2], mac)
    if argv[:1] == ["unmount"] and len(argv) in (2, 3) and (len(argv) == 2 or argv[1] == "force"):
        return _unmount(argv[-1], len(argv) == 3, mac)
    raise Refused(1, f"diskutil: did not recognize verb or options: {argv}")


def _info(asked, mac):
    device, disk = disks.find(mac, asked)
    if disk is None:
        # With -plist what is wrong is in the list as well, and the exit code is 1.
        wrong = {"Error": True, "ErrorMessage": f"Could not find disk: {asked}"}
        raise Refused(1, "", plistlib.dumps(wrong).decode())
    told = {
        "DeviceIdentifier": device.removeprefix("/dev/"),
        "DeviceNode": device,
        "MountPoint": disk["point"] or "",
        "Size": disk["sectors"] * disks.SECTOR,
        "VirtualOrPhysical": "Virtual",
        "WholeDisk": True,
    }
    if disk["volume"] is not None:
        told |= {"FilesystemType": "hfs", "VolumeName": disk["volume"]}
    return plistlib.dumps(told).decode()


def _unmount(asked, force, mac):
    for device, disk in disks.disks(mac).items():
        if disk["point"] is not None and asked in (device, device.removeprefix("/dev/"), disk["point"]):
            if not disks.unmount(disk, force=force):
                told = f"Volume {disk['volume']} on {device.removeprefix('/dev/')} failed to unmount"
                raise Refused(1, f"{told}: dissented by PID 4711")
            return f"Volume {disk['volume']} on {device.removeprefix('/dev/')} {'force-' if force else ''}unmounted\n"
    raise Refused(1, f"Unmount failed for {asked}")


def left(mac):
    """What is mounted goes with its disk."""
    return []
