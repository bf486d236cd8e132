"""What is in the folder that is ours: a run, a halt, mounts, engines, bots, and what the role ``bot`` provisioned."""

from __future__ import annotations

import itertools
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.fleet_stress.store.bare_python import mount_table, no_links, tree_walk
from ansible.module_utils.fleet_stress.store.bare_python.halt_record import halted
from ansible.module_utils.fleet_stress.store.bare_python.lock_holder import HOST_LOCK, holder_of

from .folder import folder_state, link_target

#: Bytes that are read of a provision stamp.
_STAMP_LIMIT = 1 << 20


def folder_facts(folder: Path) -> dict[str, Any]:
    """All of it; what is in a folder that is not ours is not looked at, but for mounts."""
    state = folder_state(folder)
    ours = state == "ours"
    return {
        "state": state,
        "mounts": mounts_below(str(folder)),
        "entries": sorted(entry.name for entry in folder.iterdir()) if ours else [],
        "halted": halted(folder) if ours else None,
        "run": living_run(folder) if ours else None,
        "engine_current": link_target(f"{folder}/engine/current") if ours else "",
        "engines": complete(folder / "engine") if ours else [],
        "bots": complete(folder / "bots") if ours else [],
        "environments": complete(folder / "environments") if ours else [],
        "stored": stored(folder) if ours else [],
        "provisioned": provisioned(folder) if ours else {},
    }


def complete(folder: Path) -> list[str]:
    """Names of the folders below ``folder`` that have their stamp, which is written last; none of a closed one."""
    try:
        names = [path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()]
        return sorted(name for name in names if (folder / f"{name}.json").is_file())
    except OSError:  # it is not there, or root made it and we are not root: what judges says so
        return []


def stored(stress_dir: Path) -> list[str]:
    """Wheels and archives that were brought before, relative to the folder."""
    files = [*stress_dir.glob("wheels/*/*.whl"), *stress_dir.glob("bots/archives/*.tar.gz")]
    return sorted(str(path.relative_to(stress_dir)) for path in files)


def provisioned(stress_dir: Path) -> dict[str, Any]:
    """The provision stamps that the role ``bot`` wrote last, and whether the bot's copy was changed since."""
    found: dict[str, Any] = {}
    for file in sorted((stress_dir / "provisioned").glob("*.json")):
        try:
            with file.open("rb") as stream:
                stamp = json.loads(stream.read(_STAMP_LIMIT))
            touched = changed_after(Path(stamp["bot_copy"]), file.lstat().st_ctime_ns)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            continue
        found[file.stem] = {**stamp, "touched": touched}
    return found


def changed_after(folder: Path, moment: int) -> bool:
    """Whether anything in a folder was changed after a moment (ns), by inode times: nothing is read."""
    try:
        with no_links.opened_folder(folder) as top:
            statuses = itertools.chain([os.fstat(top)], (seen.status for seen in tree_walk.walk(top)))
            return any(status.st_ctime_ns > moment for status in statuses)
    except OSError:
        return True


def living_run(stress_dir: Path) -> dict[str, Any] | None:
    """What the run that holds the host's lock says of itself, or None; None also where we may not look."""
    try:
        holder: dict[str, Any] | None = holder_of(stress_dir / HOST_LOCK)
    except OSError:
        return None
    return holder


def mounts_below(folder: str) -> list[str]:
    """Mount points below a folder; none where they cannot be seen."""
    try:
        if platform.system() == "Linux":
            text = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
            mounts = mount_table.of_linux(text)
        else:
            shown = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=60, check=False)
            mounts = mount_table.of_macos(shown.stdout)
    except (OSError, subprocess.SubprocessError):
        return []
    return [mount.point for mount in mounts if mount.point.startswith(f"{folder}/")]
