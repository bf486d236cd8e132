"""``ram_volume``: the bot's state or log folder is a small volume of its own (rows 1.4 and 1.6 B).

A tmpfs(5) in the arena's private mount namespace: nobody else sees it, and the kernel takes it away with the
arena's last process, so there is nothing that an undo record could say. What stood in the folder comes along,
and what stands on the volume in the end is put back into the folder: it is the record of the bot's state.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import host, sizes, volume
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "A small volume in memory in the place of the bot's state or log folder.",
    "additionalProperties": False,
    "required": ["folder", "size"],
    "properties": {
        "folder": {
            "enum": ["state", "log", "both"],
            "description": "Which folder lies on it; both: one volume, as in row 1.4 of the plan.",
        },
        "size": sizes.schema("Of the volume; rounded up to whole pages."),
        "inodes": {
            "type": "integer",
            "minimum": 4,
            "maximum": 1000000,
            "description": "So many files and folders at most; by default the size is the limit.",
        },
        "keep": {
            "type": "boolean",
            "description": "Whether what is in the folder comes along; true by default.",
        },
    },
}


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Tried, not read off a setting: a tmpfs is mounted in a namespace that is gone at once."""
    refused = host.no_private_memory()
    if refused is not None:
        return Unsupported(
            f"no volume can be mounted in a mount namespace of its own ({refused})",
            "run as root (stress_become: true), on Linux, where the container or security module allows mount(2)",
        )
    too_large = volume.room_for(sizes.in_bytes(arguments["size"]))
    return Unsupported(too_large, "more free memory, or a smaller size") if too_large else None


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Mount it; a folder that was opened before shows from then on what lies below the volume."""
    if not site.private_mounts:
        raise OSError("the arena has no mount namespace of its own: others would see the volume")
    if any(f"{folder.name}_dir" in site.underneath.places for folder in _folders(site, arguments)):
        raise OSError("a faulty file system stands there already: put ram_volume before it")
    below: dict[str, int] = {}
    try:
        for folder in _folders(site, arguments):
            below[str(folder)] = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        _mount(site, arguments)
        if arguments.get("keep", True):
            for path, descriptor in below.items():
                volume.replace_content(descriptor, Path(path))
    except BaseException as problem:
        _unmount(site, arguments)
        _close(below)
        if isinstance(problem, OSError) and problem.errno == errno.ENOSPC:
            told = f"what is in the bot's folders does not fit on a volume of {arguments['size']}"
            raise OSError(errno.ENOSPC, told) from problem
        raise
    return {"below": below, "first": {one: volume.describe(Path(one)) for one in below}}


def _mount(site: Site, arguments: Mapping[str, Any]) -> None:
    source, owner = f"{volume.SOURCE}{site.mark}", (site.user.uid, site.user.gid)
    size, inodes = sizes.in_bytes(arguments["size"]), arguments.get("inodes")
    folders = _folders(site, arguments)
    if len(folders) == 1:
        host.mount_memory(source, folders[0], size=size, inodes=inodes, owner=owner)
        return
    shared = _shared(site)
    shared.mkdir(mode=0o700)
    host.mount_memory(source, shared, size=size, inodes=inodes, owner=(0, 0))
    for folder in folders:
        part = shared / folder.name
        part.mkdir(mode=0o700)
        os.chown(part, *owner)
        host.show_also(part, folder)


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when ours is what is mounted there, has that size, and a write of ours beyond it met ENOSPC."""
    wanted, last = sizes.in_bytes(arguments["size"]), {}
    stood = True
    for path in memory["below"]:
        last[path] = volume.describe(Path(path))
        there = last[path]["mounted"]
        stood = stood and there is not None and there["source"] == f"{volume.SOURCE}{site.mark}"
        stood = stood and 0 <= last[path]["size_bytes"] - wanted < os.sysconf("SC_PAGE_SIZE")
    # Only where it is ours: never on the host's disk.
    held = volume.fill_up(Path(next(iter(memory["below"]))), wanted + 1) if stood else None
    details = {"first": memory["first"], "last": last, "written_until_enospc": held}
    return Proof(stood and held is not None, details)


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put its content into the folders below, take it away, and look that it is gone."""
    try:
        for folder, descriptor in memory["below"].items():
            if volume.at(Path(folder)) is not None:
                volume.replace_content(Path(folder), descriptor)
    finally:
        _unmount(site, arguments)
        _close(memory["below"])
    return {"mounted": None}


def _unmount(site: Site, arguments: Mapping[str, Any]) -> None:
    for folder in (*_folders(site, arguments), _shared(site)):
        while volume.at(folder) is not None:
            host.unmount(folder)


def _folders(site: Site, arguments: Mapping[str, Any]) -> list[Path]:
    names = ("state", "log") if arguments["folder"] == "both" else (arguments["folder"],)
    return [Path(site.places[f"{name}_dir"]) for name in names]


def _shared(site: Site) -> Path:
    return site.scratch / "volume"


def _close(descriptors: Mapping[str, int]) -> None:
    for one in descriptors.values():
        os.close(one)


FAULT = Fault(
    name="ram_volume",
    title="the state or log folder is a small volume",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
)
