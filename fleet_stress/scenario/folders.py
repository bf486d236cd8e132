"""An arena's folders: made, filled from what earlier arenas left, and given to the bot's user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from fleet_stress import system
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.store import tree_copy
from fleet_stress.store.bare_python.no_links import opened_folder
from fleet_stress.store.layout import SHARED
from fleet_stress.system.process import User

#: Those that belong to the bot's user; ``fault`` is ours, and so is what ``shared`` itself is.
_BOTS = ("bot", "state", "log", "home", "tmp", "shm")


def make(arena: Path, copy: Path, seeds: Mapping[str, str], user: User) -> None:
    """Make an arena's folders around a copy of the bot.

    Args:
        arena: Their parent.
        copy: The bot's private copy, as it was provisioned.
        seeds: Folders of another arena that ``state`` and ``log`` begin with, by name.
        user: The bot's user; where we are root, the folders are given to it.

    Raises ArenaFailed, OSError.
    """
    if not copy.is_dir():
        raise ArenaFailed(f"{copy}: the bot's private copy is not there; run provision again")
    # Root owns the arena itself, so that a bot cannot put a link in the place of its state folder; and until all is
    # planted nobody else gets in: another bot on this host has the same user.
    arena.mkdir(mode=0o700, parents=True, exist_ok=True)
    arena.chmod(0o700)
    for name in _BOTS:
        (arena / name).mkdir(mode=0o700, exist_ok=True)
    for name in ("fault", SHARED):
        (arena / name).mkdir(mode=0o755, exist_ok=True)
    owner = tree_copy.Owner(user.uid, user.gid)
    _plant(copy, arena / "bot", owner, tree_copy.UNLIMITED)
    for name, seed in seeds.items():
        try:
            _plant(Path(seed), arena / name, owner, tree_copy.BOUNDED)
        except tree_copy.TooMuch as problem:
            raise ArenaFailed(_too_much(name, str(problem.strerror))) from problem
    for name in _BOTS:
        with opened_folder(arena / name) as folder:
            if os.geteuid() == 0:
                os.fchown(folder, *owner)
            if name == "bot":
                os.fchmod(folder, copy.stat().st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(arena, 0, user.gid)
    arena.chmod(0o750)


def too_much(seeds: Mapping[str, str]) -> str | None:
    """Why an arena cannot begin with these folders of another one, in a sentence; None: it can. Raises OSError."""
    for name, seed in seeds.items():
        with opened_folder(Path(seed)) as folder:
            reason = tree_copy.why_too_much(folder, tree_copy.BOUNDED)
        if reason:
            return _too_much(name, reason)
    return None


def _too_much(name: str, reason: str) -> str:
    return (
        f"the bot's {name} folder cannot be copied for another start: {reason}. Let it keep less there, or leave out"
        " scenarios with a `visit` step (-e scenarios=…)"
    )


def _plant(source: Path, target: Path, owner: tree_copy.Owner, limits: tree_copy.Limits) -> None:
    with opened_folder(source) as original, opened_folder(target) as folder:
        tree_copy.copy_tree(original, folder, owner, limits)


def shadowed(arena: Path, python: str, user: User) -> dict[Path, Path]:
    """Which shared folders of the host the arena's own are mounted over, where it has mounts of its own.

    Each has one of its own, made here: a bot may use the same name in two of them. One that holds our own place (a
    test's, under /tmp) or the bot's Python must stay visible.
    """
    # An environment's Python is a link to the system's: what it imports lies beside the link.
    needed = [os.path.realpath(path) for path in (arena, python, Path(python).parent)]
    others = {
        folder: f"{SHARED}/{str(folder)[1:].replace('/', '-')}" for folder in system.folders_to_shadow()
    }
    found = {
        shared: arena / name
        for shared, name in {**others, **system.SHARED_FOLDERS}.items()
        if shared.is_dir()
        and not shared.is_symlink()
        and not any(path.startswith(f"{shared}/") for path in needed)
    }
    for inner in found.values():
        if inner.parent == arena / SHARED:
            inner.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                os.chown(inner, user.uid, user.gid)
    return found
