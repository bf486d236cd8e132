"""macOS: small disks in memory (hdiutil(1), newfs_hfs(8), mount(8), diskutil(8)).

HFS+ and not APFS: a container of APFS that is smaller than 512 MiB holds one volume only and takes part of it for
itself (Apple File System Reference, nx_max_file_systems); newfs_hfs takes whatever has 512 KiB.

A device has no name of ours before it has a volume. What was attached is therefore written down twice in a ``ticket``,
a file of ours: that we are about to, with its size and all that is attached by then, and which device it became.
Whoever undoes after a death in between finds it as the one of that size that has come since and that nobody has
formatted. Meanwhile the ticket's folder is locked, so that no two of us are in between at once.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import plistlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable, NamedTuple

from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.bare_python.mount_table import Mounted, of_macos
from fleet_stress.system.programs import Completed, run

#: hdiutil(1): "ram://<sectors>", of 512 bytes; HFS+ has blocks of 4 KiB, and 512 KiB at least (newfs_hfs.c).
_SECTOR, _BLOCK, LEAST = 512, 4096, 512 * 1024
#: Whoever is about to let go of a volume (Spotlight looks into new ones) gets so long; then it is taken by force.
_BUSY_WITHIN, _FORCED_WITHIN = 10.0, 30.0
#: It is nobody's to see (Finder), to run from or to have devices on; who owns a file counts (mount(8)).
_OPTIONS = "nobrowse,nosuid,nodev"


class Disk(NamedTuple):
    """One disk in memory that is attached, whoever attached it."""

    device: str
    sectors: int
    #: Of the process that serves it: with it a device is the same one.
    served_by: int

    @property
    def told(self) -> str:
        """The same as one word, for a ticket."""
        return f"{self.device} {self.served_by}"


def sectors_of(size: int) -> int:
    """How many sectors hold so many bytes, in whole blocks."""
    return -(-size // _BLOCK) * (_BLOCK // _SECTOR)


def attached() -> list[Disk]:
    """All disks in memory. Raises OSError."""
    found = []
    for image in _plist("hdiutil", "info", "-plist").get("images", []):
        entities = [item["dev-entry"] for item in image.get("system-entities", []) if "dev-entry" in item]
        if str(image.get("image-path", "")).startswith("ram://") and entities:
            device = min(entities, key=len)  # the whole disk, where there are parts
            found.append(Disk(device, int(image.get("blockcount", 0)), int(image.get("hdid-pid", 0))))
    return found


def name_of(device: str) -> str:
    """The name of the volume on a device, empty where there is none; also when it is gone by now."""
    with contextlib.suppress(OSError):
        return str(_plist("diskutil", "info", "-plist", device).get("VolumeName", ""))
    return ""


def mounted() -> list[Mounted]:
    """All that is mounted, the newest last. Raises OSError."""
    return of_macos(_must("mount").stdout)


def make(name: str, size: int, ticket: Path) -> str:
    """Attach a disk with an empty volume of that name on it, not mounted; its device. Raises OSError."""
    with _alone(ticket.parent):
        before = [item.told for item in attached()]
        sectors = sectors_of(size)
        write_atomic(ticket, {"before": before, "sectors": sectors})
        said = _must("hdiutil", "attach", "-nomount", f"ram://{sectors}").stdout
        device = said.split()[0]  # padded with blanks and a tab
        [disk] = [item for item in attached() if item.device == device and item.told not in before]
        write_atomic(ticket, {"disk": disk.told})
        _must("newfs_hfs", "-v", name, device)
    return device


def mount(device: str, point: Path) -> None:
    """Mount its volume for nobody to browse, index or back up. Raises OSError."""
    _must("mount", "-t", "hfs", "-o", _OPTIONS, device, str(point))
    # Spotlight passes a volume over that has this file in its root, and fseventsd keeps no log of one with that
    # (File System Events Programming Guide, "Preventing File System Event Storage").
    (point / ".metadata_never_index").touch()
    (point / ".fseventsd").mkdir(exist_ok=True)
    (point / ".fseventsd" / "no_log").touch()
    # A mark on the folder itself, which goes with the volume (tmutil(8), addexclusion without -p or -v). Where Time
    # Machine does not let us, it has no reason to back up a disk in memory either.
    run(["tmutil", "addexclusion", str(point)])


def remove(disk: Disk) -> None:
    """Unmount and detach it, whoever uses it. Raises OSError when it does not go away."""
    for point in [item.point for item in mounted() if item.device == disk.device]:
        unmount(Path(point))
    asked = ["hdiutil", "detach", disk.device]
    _insist(asked, [*asked, "-force"], lambda: any(item.told == disk.told for item in attached()))


def unmount(point: Path) -> None:
    """Unmount what is mounted there; who uses it still loses it after a while. Raises OSError."""
    _insist(
        ["umount", str(point)],
        ["diskutil", "unmount", "force", str(point)],
        lambda: any(item.point == str(point) for item in mounted()),
    )


def ours(name: str, ticket: Path) -> list[Disk]:
    """The disks that were made with that name and ticket, in whatever state they are. Raises OSError."""
    with _alone(ticket.parent):
        try:
            known = json.loads(ticket.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        found = []
        for disk in attached():
            named = name_of(disk.device)
            new = (
                not named
                and disk.told not in known.get("before", ())
                and disk.sectors == known.get("sectors")
            )
            if disk.told == known.get("disk") or named == name or ("before" in known and new):
                found.append(disk)
    return found


def _insist(gently: list[str], by_force: list[str], there: Callable[[], bool]) -> None:
    """Ask, with growing pauses; then by force. Raises OSError with what was said last."""
    began, pause, said = time.monotonic(), 0.05, ""
    while there():
        waited = time.monotonic() - began
        if waited > _BUSY_WITHIN + _FORCED_WITHIN:
            raise OSError(said)
        argv = gently if not said or waited < _BUSY_WITHIN else by_force
        ran = run(argv)
        if ran.code != 0:
            said = f"{' '.join(argv)}: {ran.message}"
            time.sleep(pause)
            pause = min(2 * pause, 1.0)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else of ours is between a disk and its name."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:  # long gone, and so is whoever was in between
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _plist(*argv: str) -> dict[str, Any]:
    said = _must(*argv).stdout
    try:
        document = plistlib.loads(said.encode())
    except Exception as problem:  # whatever expat and plistlib raise for what is no list of properties
        raise OSError(f"{' '.join(argv)} did not answer with a property list: {problem}") from problem
    return document if isinstance(document, dict) else {}


def _must(*argv: str) -> Completed:
    ran = run(argv)
    if ran.code != 0:
        raise OSError(f"{' '.join(argv)}: {ran.message}")
    return ran
