"""An arena's folders: made, filled from what earlier arenas left, and given to the bot's user."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from fleet_stress import system
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.system.process import User

#: Those that belong to the bot's user; ``fault`` is ours.
_BOTS = ("bot", "state", "log", "home", "tmp", "shm")


def make(arena: Path, copy: Path, seeds: Mapping[str, str], user: User) -> None:
    """Make an arena's folders around a copy of the bot.

    Args:
        arena: Their parent.
        copy: The bot's private copy, as it was provisioned.
        seeds: Folders of another arena that ``state`` and ``log`` begin with, by name.
        user: The bot's user; where we are root, the folders are given to it.

    Raises ArenaFailed, OSError, shutil.Error.
    """
    # Root owns the arena itself, so that a bot cannot put a link in the place of its state folder.
    arena.mkdir(mode=0o750, parents=True, exist_ok=True)
    if not copy.is_dir():
        raise ArenaFailed(f"{copy}: the bot's private copy is not there; run provision again")
    shutil.copytree(copy, arena / "bot", symlinks=True)
    for name in _BOTS[1:]:
        (arena / name).mkdir(mode=0o700, exist_ok=True)
    (arena / "fault").mkdir(mode=0o755, exist_ok=True)
    for name, seed in seeds.items():
        # Pipes, sockets and devices are left out: a bot makes them anew, and copying one would block for ever.
        shutil.copytree(seed, arena / name, symlinks=True, ignore=_special, dirs_exist_ok=True)
    if os.geteuid() == 0:
        os.chown(arena, 0, user.gid)
        for name in _BOTS:
            _give(arena / name, user)


def shadowed(arena: Path, python: str) -> dict[Path, Path]:
    """Which shared folders of the host the arena's own are mounted over, where it has mounts of its own.

    One that holds our own place (a test's, under /tmp) or the bot's Python must stay visible.
    """
    needed = [os.path.realpath(arena), os.path.realpath(python)]
    return {
        shared: arena / name
        for shared, name in system.SHARED_FOLDERS.items()
        if shared.is_dir()
        and not shared.is_symlink()
        and not any(path.startswith(f"{shared}/") for path in needed)
    }


def _special(folder: str, names: list[str]) -> list[str]:
    paths = {name: Path(folder, name) for name in names}
    return [
        name for name, path in paths.items() if not (path.is_symlink() or path.is_file() or path.is_dir())
    ]


def _give(tree: Path, user: User) -> None:
    # From below, by descriptors: a bot beside us has the same user, and could put a link in the way of what is
    # its own already.
    for _, folders, names, descriptor in os.fwalk(tree, topdown=False):
        for name in (*folders, *names):
            os.chown(name, user.uid, user.gid, dir_fd=descriptor, follow_symlinks=False)
    os.chown(tree, user.uid, user.gid, follow_symlinks=False)
