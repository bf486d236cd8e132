"""What faults share that put the faulty file system in the place of a bot's folder: tried, mounted, proved, gone.

Linux's alone. Mounted in the arena's private mount namespace, where root makes one: nobody else sees it, and the
kernel takes it away with the arena's last process. Without root it is mounted by fusermount3 for all to see, and the
undo record, which is on disk before, takes it away.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress import volume
from fleet_stress.faults.protocol import Proof, Site, UndoNeeded, Unsupported, Where
from fleet_stress.faulty_fs.mounted import Mounted, Order

FOLDER: dict[str, Any] = {
    "enum": ["state", "log", "both"],
    "description": "Of which folder of the bot; the state folder by default.",
}
_TRY_WITHIN = 60.0


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Tried, not read off a setting: one is mounted, used and gone at once, in a namespace of its own as root."""
    if sys.platform != "linux":
        return Unsupported("the faulty file system needs FUSE as Linux has it", "a Linux host")
    with tempfile.TemporaryDirectory(dir=where.stress_dir if where.stress_dir.is_dir() else None) as scratch:
        said = _tried(scratch)
    if said is None:
        return None
    return Unsupported(f"the faulty file system cannot be mounted here: {said}", _enable(said))


def _tried(scratch: str) -> str | None:
    argv = [sys.executable, "-m", "fleet_stress.faulty_fs.attempt", scratch]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TRY_WITHIN, check=False
        )
    except subprocess.TimeoutExpired:
        return "it did not answer in time"
    if done.returncode == 0:
        return None
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else f"exit code {done.returncode}"


def _enable(said: str) -> str:
    if "libfuse3 cannot be used" in said:
        return "install libfuse3 (Debian: apt-get install fuse3)"
    if "/dev/fuse" in said and "denied" in said:
        return "let the bots' user open /dev/fuse (mode 0666, as distributions have it), or run as root"
    if not Path("/dev/fuse").exists():
        return "modprobe fuse, or give the container the device /dev/fuse"
    if os.geteuid() != 0:
        return "run as root (stress_become: true), or install fusermount3 (Debian: apt-get install fuse3)"
    return "root with CAP_SYS_ADMIN, /dev/fuse, and a security module or container that allows mount(2)"


def undo(site: Site, arguments: Mapping[str, Any], fault: str) -> tuple[UndoNeeded, ...]:
    """One record a folder. In a namespace that is gone there is nothing to undo, which looking tells."""
    return tuple(
        UndoNeeded("unmount", {"target": site.places[place], "source": _source(site, fault)})
        for place in _places(arguments)
    )


def apply(
    site: Site, arguments: Mapping[str, Any], fault: str, rules: Sequence[Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Mount it in the place of each folder; the engine looks below from then on. Raises OSError."""
    if os.geteuid() == 0 and not site.private_mounts:
        raise OSError("the arena has no mount namespace of its own: others would see the file system")
    memory: dict[str, Any] = {"mounted": {}, "rules": list(rules)}
    try:
        for place in _places(arguments):
            if place in site.underneath.places:
                raise OSError(f"a faulty file system stands in the place of {site.places[place]} already")
            memory["mounted"][place] = _mount(site, place, fault, rules)
    except BaseException:
        take_away(site, memory)
        raise
    return memory


def _mount(site: Site, place: str, fault: str, rules: Sequence[Mapping[str, Any]]) -> Mounted:
    folder = Path(site.places[place])
    order = Order(
        folder=folder,
        source=_source(site, fault),
        rules=rules,
        uid=site.user.uid,
        scratch=site.scratch,
        evidence=site.evidence,
        mark=site.mark,
        name=f"{fault}-{folder.name}",
    )
    below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        mounted = Mounted(order)
    except BaseException:
        os.close(below)
        raise
    site.underneath.cover(place, below, mounted)
    return mounted


def prove(memory: Mapping[str, Any]) -> Proof:
    """It bit when a rule was met, and the file system stood to the end."""
    folders: dict[str, Any] = {}
    stood, met = True, 0
    for place, mounted in memory["mounted"].items():
        figures = mounted.figures()
        met += figures.met
        here = mounted.died() is None and mounted.stands()
        stood = stood and here
        folders[place[: -len("_dir")]] = {
            "stood": here,
            "log": mounted.log.name,
            "operations": figures.operations,
            "rules": [
                {"rule": dict(rule), "met": times, "waited_seconds": round(waited, 3)}
                for rule, (times, waited) in zip(memory["rules"], figures.rules)
            ],
        }
    details: dict[str, Any] = {"met": met, "folders": folders}
    if not stood:
        details["why"] = "the file system did not stand to the end"
    elif not met:
        details["why"] = "no operation of the bot met a rule of it"
    return Proof(stood and met > 0, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often an operation of the bot has met a rule."""
    return sum(one.figures().met for one in memory["mounted"].values())


def take_away(site: Site, memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Switch the rules off, unmount, and look.

    Raises OSError, also when it was lost before: what became of the bot then is our doing.
    """
    lost: list[str] = []
    for place, mounted in reversed(memory["mounted"].items()):
        mounted.switch_off()
        gone = (
            None
            if mounted.stands()
            else f"the file system at {mounted.order.folder} was taken away by others"
        )
        lost += [one for one in (mounted.died() or gone,) if one]
        mounted.take_away()
        site.underneath.uncover(place)
    if lost:
        raise OSError(lost[0])
    return {"mounted": None}


def _places(arguments: Mapping[str, Any]) -> Iterator[str]:
    asked = arguments.get("folder", "state")
    yield from ("state_dir", "log_dir") if asked == "both" else (f"{asked}_dir",)


def _source(site: Site, fault: str) -> str:
    return f"{volume.SOURCE}{site.mark}/{fault}"
