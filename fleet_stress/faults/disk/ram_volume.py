"""``ram_volume``: the bot's state or log folder is a small volume of its own (1.4, 1.6 B), or all but these (6.14).

A tmpfs(5) in the arena's private mount namespace: nobody else sees it, and the kernel takes it away with the
arena's last process, so there is nothing that an undo record could say. Where there are no such namespaces (macOS), a
disk in memory with undo records, mounted in a folder of the arena, to which links lead from the bot's folders.
What is in the folder comes along, and what is on the volume in the end is put back into the folder: it is the
record of the bot's state.
"""

from __future__ import annotations

import errno
import functools
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.observe import baseline_room
from fleet_stress.store import sizes
from fleet_stress.system import ram_volume

#: So many times what the bot keeps there: beside a file stand its new content and its backup, and it grows.
_TIMES = 4
#: SQLite lets a write-ahead log grow to a thousand pages of 4 KiB before it is emptied (sqlite.org/wal.html#ckpt). How
#: far it gets is a matter of time, and nothing of it is left when the bot has ended.
_WAL = 1000 * (4096 + 24)
#: An arena sees a folder of its own in their place (``arena``).
_SHARED = (Path("/tmp"), Path("/var/tmp"))


class RamVolume(Fault):
    name = "ram_volume"
    title = "the state or log folder is a small volume"
    schema = {
        "type": "object",
        "description": "A small volume in memory over the bot's state or log folder.",
        "additionalProperties": False,
        "required": ["folder", "size"],
        "properties": {
            "folder": {
                "enum": ["state", "log", "both", "working"],
                "description": (
                    "Which folder is on it; both: one volume for both, as in row 1.4 of the stress plan. working: one"
                    " volume for the folder that the bot is started in, its home and its temporary files."
                ),
            },
            "size": {
                **sizes.schema(
                    "The size of the volume, rounded up to whole pages. For working: in addition to its content."
                ),
                "at_least": "room",
            },
            "inodes": {
                "type": "integer",
                "minimum": 4,
                "maximum": 1000000,
                "description": "The most files and folders; by default only the size is limited.",
            },
            "keep": {
                "type": "boolean",
                "description": "Whether the content of the folder is copied there; true by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Tried, not read off a setting, where that leaves nothing: in a namespace that is gone at once."""
        refused = system.why_no_ram_volume()
        if refused is not None and system.HAS_PRIVATE_MOUNTS:
            return Unsupported(
                f"no volume can be mounted in a mount namespace of its own ({refused})",
                "run as root (stress_become: true), on Linux, where the container or security module allows mount(2)",
            )
        if refused is not None:
            return Unsupported(
                f"no volume in memory can be made here: {refused}", "run as root (stress_become: true)"
            )
        size = sizes.in_bytes(arguments["size"])
        unlike = system.why_no_such_ram_volume(size, arguments.get("inodes"))
        if unlike is not None:
            return Unsupported(
                f"a volume in memory cannot be such: {unlike}", "a Linux host, which has tmpfs"
            )
        too_large = ram_volume.room_for(size)
        return Unsupported(too_large, "more free memory, or a smaller size") if too_large else None

    def undo(self) -> tuple[UndoNeeded, ...]:
        """The disk and the links, where there is no namespace that they go with."""
        record = system.ram_device_record(f"{ram_volume.SOURCE}{self.site.mark}", self._ticket())
        if record is None:
            return ()
        links = (UndoNeeded("shown_folder", {"target": str(folder)}) for folder in self._folders())
        return (UndoNeeded("ram_device", record), *links)

    def apply(self) -> None:
        """Mount it; a folder that was opened before shows from then on what lies below the volume."""
        if system.HAS_PRIVATE_MOUNTS and not self.site.isolation.private_mounts:
            raise OSError("the arena has no mount namespace of its own: others would see the volume")
        if any(f"{folder.name}_dir" in self.site.isolation.underneath.places for folder in self._folders()):
            raise OSError("a faulty file system stands there already: put ram_volume before it")
        size = self._size_needed()
        if too_large := ram_volume.room_for(size):
            raise OSError(too_large)
        below: dict[str, int] = {}
        try:
            for folder in self._folders():
                below[str(folder)] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            self._mount(size)
            if self.arguments.get("keep", True):
                for path, descriptor in below.items():
                    ram_volume.replace_content(descriptor, Path(path))
        except BaseException as problem:
            self._unmount()
            _close(below)
            if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
                reason = f"what is in the bot's folders does not fit on a volume of {self.arguments['size']}"
                raise OSError(errno.ENOSPC, reason) from problem
            raise
        self._below = below
        self._size = size
        self._first = {folder: ram_volume.describe(Path(folder)) for folder in below}

    def prove(self) -> Proof:
        """Ours is what is mounted there, has that size, and a write of ours beyond it met ENOSPC."""
        wanted, last = self._size, {}
        stood = True
        for path in self._below:
            last[path] = ram_volume.describe(Path(path))
            there = last[path]["mounted"]
            stood = stood and there is not None and there["source"] == f"{ram_volume.SOURCE}{self.site.mark}"
            stood = stood and 0 <= last[path]["size_bytes"] - wanted < os.sysconf("SC_PAGE_SIZE")
        # Only where it is ours: never on the host's disk.
        held = ram_volume.fill_up(Path(next(iter(self._below))), wanted + 1) if stood else None
        details = {"first": self._first, "last": last, "written_until_enospc": held}
        return Proof(stood and held is not None, details)

    def revert(self) -> Mapping[str, Any]:
        """Put its content into the folders below, take it away, and look that it is gone."""
        try:
            for folder, descriptor in self._below.items():
                if ram_volume.at(Path(folder)) is not None:
                    ram_volume.replace_content(Path(folder), descriptor)
        finally:
            self._unmount()
            _close(self._below)
        return {"mounted": None}

    @classmethod
    def impossible(cls, arguments: Mapping[str, Any]) -> str | None:
        """A bot that does not come along cannot be started."""
        if arguments["folder"] == "working" and not arguments.get("keep", True):
            return "the bot itself is in its working folder, and has to come along"
        return None

    def _size_needed(self) -> int:
        """In bytes. What the bot is made of takes room as well, in whole pages; and so does what it saves."""
        size = sizes.in_bytes(self.arguments["size"])
        if self.arguments["folder"] == "working":
            return size + sum(ram_volume.room_taken(folder) for folder in self._folders())
        return max(size, _TIMES * self._room.bytes) + self._databases() * _WAL

    def _databases(self) -> int:
        """How many of the bot's databases lie there."""
        folders = self._folders()
        paths = [file.path for file in self.site.files.values() if file.format == "sqlite"]
        return sum(any(folder in path.parents for folder in folders) for path in paths)

    def _inodes(self) -> int | None:
        asked = self.arguments.get("inodes")
        return None if asked is None else max(int(asked), _TIMES * self._room.files)

    @functools.cached_property
    def _room(self) -> baseline_room.Room:
        return baseline_room.of(self.site.evidence, [folder.name for folder in self._folders()])

    def _mount(self, size: int) -> None:
        source, owner = f"{ram_volume.SOURCE}{self.site.mark}", (self.site.user.uid, self.site.user.gid)
        inodes = self._inodes()
        folders = self._folders()
        if len(folders) == 1 and system.HAS_PRIVATE_MOUNTS:
            system.mount_ram_volume(source, folders[0], size=size, inodes=inodes, owner=owner)
            return
        shared = self._shared()
        shared.mkdir(mode=0o700, exist_ok=True)
        # Where a link leads through its root, the bot must get through.
        mode = 0o700 if system.HAS_PRIVATE_MOUNTS else 0o711
        system.mount_ram_volume(
            source, shared, size=size, inodes=inodes, owner=(0, 0), mode=mode, ticket=self._ticket()
        )
        for folder in folders:
            self._bind(shared / folder.name, (*_also_seen_at(folder), folder))
        if self.arguments["folder"] == "working":
            for folder in self._others_for_temporary_files():
                self._bind(shared / folder.name, _also_seen_at(folder))

    def _bind(self, part: Path, targets: Iterable[Path]) -> None:
        part.mkdir(mode=0o700)
        os.chown(part, self.site.user.uid, self.site.user.gid)
        for target in targets:
            system.bind_mount(part, target)

    def _unmount(self) -> None:
        folders = self._folders()
        shared = _SHARED if self.arguments["folder"] == "working" else ()
        for folder in folders:
            system.unmount_bind(folder)
        for folder in (*shared, *folders, self._shared()):
            while ram_volume.at(folder) is not None:
                system.unmount(folder)

    def _folders(self) -> list[Path]:
        asked = self.arguments["folder"]
        several = {"both": ("state", "log"), "working": ("bot", "home", "tmp")}
        return [Path(self.site.places[f"{name}_dir"]) for name in several.get(asked, (asked,))]

    def _others_for_temporary_files(self) -> list[Path]:
        """What the arena has in the place of a shared folder that programs fall back to when the first is full."""
        tmp = Path(self.site.places["tmp_dir"])
        own = [tmp.parent / name for shared, name in system.SHARED_FOLDERS.items() if shared in _SHARED]
        return [folder for folder in own if folder != tmp and folder.is_dir()]

    def _shared(self) -> Path:
        return self.site.scratch / "volume"

    def _ticket(self) -> Path:
        return self.site.scratch / "volume.json"


def _also_seen_at(folder: Path) -> list[Path]:
    """The shared folders in whose place an arena sees a folder of its own."""
    return [shared for shared in _SHARED if shared.is_dir() and shared.samefile(folder)]


def _close(descriptors: Mapping[str, int]) -> None:
    for descriptor in descriptors.values():
        os.close(descriptor)
