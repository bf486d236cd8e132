"""The disks in memory of one Mac, for the doubles that speak of them: attached, formatted, mounted.

What a volume holds is real: where one is mounted, a tmpfs of its size is, so that whoever writes on it meets ENOSPC and
whoever sits in it keeps it busy. Two things are not as on a Mac: HFS+ keeps some of a volume for itself (some 160 KB of
a megabyte), and a volume that is mounted again is empty.
"""

import os
import subprocess

from tests.doubles.state import Refused

#: hdiutil(1): sectors of 512 bytes.
SECTOR = 512


def disks(mac):
    """By device: ``sectors``, ``pid`` (of who serves it), ``volume`` (its name, None: not formatted), ``point``."""
    return mac.setdefault("disks", {})


def find(mac, device):
    """The disk of a device node, by ``/dev/disk4``, ``/dev/rdisk4`` or ``disk4``; its device and itself, or None."""
    name = device.removeprefix("/dev/").removeprefix("r")
    return (f"/dev/{name}", disks(mac)[f"/dev/{name}"]) if f"/dev/{name}" in disks(mac) else (None, None)


def need_root(said):
    """``said`` to whoever is not root."""
    if os.geteuid() != 0:
        raise Refused(77, said)


def mount(disk, point):
    """Let the folder show the volume."""
    size = disk["sectors"] * SECTOR
    done = subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size},mode=755,nosuid,nodev", "double", point],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"the double cannot mount here: {done.stderr}"
    disk["point"] = os.path.realpath(point)


def unmount(disk, *, force=False):
    """Take the volume away; False: somebody uses it."""
    how = ["-l"] if force else []
    done = subprocess.run(
        ["/usr/bin/umount", *how, disk["point"]], capture_output=True, text=True, check=False
    )
    if done.returncode != 0 and "busy" in done.stderr:
        return False
    assert done.returncode == 0, done.stderr
    disk["point"] = None
    return True


def left(mac):
    """Disks that are attached still."""
    return [
        f"{device} attached, volume {disk['volume']}, at {disk['point']}"
        for device, disk in disks(mac).items()
    ]
