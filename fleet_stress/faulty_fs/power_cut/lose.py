"""Carries out a power cut: the folder below loses what was not durable, and gets back what that replaced.

It runs once all users of the folder are gone. Bytes first, by inode; then names, by way of a temporary folder in it.
If we die in the middle, the folder is in a state that no file system would leave, and the caller gets no answer.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional

from fleet_stress.faulty_fs.power_cut.durability import Place
from fleet_stress.faulty_fs.power_cut.power import Power, opened
from fleet_stress.store.bare_python import flat_removal

#: At most so many losses are listed by name.
_LISTED = 100
_ASIDE = ".fleet-stress-lost"
_Names = Mapping[Place, tuple[Optional[int], Optional[int]]]


def lose(power: Power, forget: str) -> dict[str, Any]:
    """Lose what was not durable; returns what was lost. Raises OSError if that failed or is no longer known.

    ``forget``: ``data`` (all metadata is durable, unsynced data is lost), ``entries`` (only durable metadata is left,
    data written in place stays), ``both``, ``half`` (all metadata is durable, data written in place stays, and of what
    was added to a file the first half).
    """
    with power.lock:
        if power.broken:
            raise OSError(power.broken)
        metadata = forget in ("entries", "both")
        names: _Names = power.model.names() if metadata else {}
        lost: dict[str, Any] = {"forget": forget, "like": power.like, "data": [], "names": []}
        back = _back(power, names)
        for number, file in power.model.files.items():
            if number not in back and not _lives(power.held[number]):
                continue  # it has no name, before and after
            if metadata:
                wanted = file.durable(data_kept=forget == "entries")
            else:
                wanted = file.with_half() if forget == "half" else file.without_data()
            before = file.live
            with opened(power.held[number], os.O_RDWR) as target:
                if power.kept.bring_back(number, target, wanted):
                    folder, name = back.get(number, (number, ""))
                    path = _path(power, power.held[folder], name)
                    lost["data"].append({"path": path, "size": before, "left": wanted.size})
        for number, (mode, uid, gid) in power.model.modes().items() if metadata else ():
            _own(power.held[number], mode, uid, gid)
        for (folder, name), (durable, now) in names.items():
            if folder not in back and not _lives(power.held[folder]):
                continue  # its folder does not exist, before and after
            how = "is gone" if durable is None else "is back" if now is None else "is the one before"
            lost["names"].append({"path": _path(power, power.held[folder], name), "how": how})
        if names:
            _bring_back(power, names)
        power.restored()
        for kind in ("data", "names"):
            lost[f"{kind}_lost"] = len(lost[kind])
            del lost[kind][_LISTED:]
        return lost


def _back(power: Power, names: _Names) -> dict[int, Place]:
    """Which inodes get a name back, and where: not in folders that stay removed."""
    wanted = {durable: place for place, (durable, _) in names.items() if durable is not None}

    def stays(folder: int) -> bool:
        return _lives(power.held[folder]) or (folder in wanted and stays(wanted[folder][0]))

    found: dict[int, Place] = {}
    for place, (durable, _) in names.items():
        if durable is not None and stays(place[0]):
            found[durable] = place
    return found


def _bring_back(power: Power, names: _Names) -> None:
    with _aside(power.root) as aside:
        folders = {number for two in names.values() for number in two if _is_folder(power, number)}
        moved = set()
        for number in {durable for durable, _ in names.values()} - folders - {None}:
            assert number is not None
            _copy(power.held[number], aside, str(number))
        for (folder, name), (_, now) in names.items():
            if now in folders:
                os.rename(name, str(now), src_dir_fd=power.held[folder], dst_dir_fd=aside)
                moved.add(now)
            elif now is not None:
                os.unlink(name, dir_fd=power.held[folder])
        wanted = {place: durable for place, (durable, _) in names.items() if durable is not None}
        _place_folders(
            power, {place: number for place, number in wanted.items() if number in folders}, moved, aside
        )
        for (folder, name), number in wanted.items():
            if number not in folders and _lives(power.held[folder]):
                os.link(
                    str(number), name, src_dir_fd=aside, dst_dir_fd=power.held[folder], follow_symlinks=False
                )


def _place_folders(power: Power, wanted: Mapping[Place, int], moved: set[int | None], aside: int) -> None:
    """Move back moved folders and recreate removed ones, parents first."""
    waiting = dict(wanted)
    while waiting:
        ready = [place for place in waiting if _lives(power.held[place[0]])]
        if not ready:
            return  # the rest is below a folder that has no place
        for place in ready:
            number, parent = waiting.pop(place), power.held[place[0]]
            if number in moved:
                moved.discard(number)
                os.rename(str(number), place[1], src_dir_fd=aside, dst_dir_fd=parent)
                continue
            if _lives(power.held[number]):
                here = _path(power, power.held[number])
                if here.startswith(f"{_ASIDE}/"):  # in the temporary folder
                    os.rename(here, place[1], src_dir_fd=power.root, dst_dir_fd=parent)
                continue  # a folder has one place: the other one is durable as well
            was = os.fstat(power.held[number])
            os.mkdir(place[1], dir_fd=parent)
            made = os.open(place[1], os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
            power.hold(number, made)
            _own(made, stat.S_IMODE(was.st_mode), was.st_uid, was.st_gid)


@contextlib.contextmanager
def _aside(root: int) -> Iterator[int]:
    os.mkdir(_ASIDE, 0o700, dir_fd=root)
    descriptor = os.open(_ASIDE, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=root)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        flat_removal.remove_at(_ASIDE, root)


def _copy(held: int, aside: int, name: str) -> None:
    """Give an inode another name; an inode that has none is copied instead."""
    was = os.fstat(held)
    if was.st_nlink:
        if stat.S_ISLNK(was.st_mode):
            os.symlink(os.readlink("", dir_fd=held), name, dir_fd=aside)
        else:
            os.link(f"/proc/self/fd/{held}", name, dst_dir_fd=aside, follow_symlinks=True)
        return
    if stat.S_ISLNK(was.st_mode):
        os.symlink(os.readlink("", dir_fd=held), name, dir_fd=aside)
        os.chown(name, was.st_uid, was.st_gid, dir_fd=aside, follow_symlinks=False)
        return
    if not stat.S_ISREG(was.st_mode):
        os.mknod(name, was.st_mode, was.st_rdev, dir_fd=aside)
        os.chown(name, was.st_uid, was.st_gid, dir_fd=aside, follow_symlinks=False)
        return
    target = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=aside)
    with (
        opened(held, os.O_RDONLY) as source,
        os.fdopen(target, "wb") as into,
        os.fdopen(os.dup(source), "rb") as from_,
    ):
        shutil.copyfileobj(from_, into)
        os.fchown(into.fileno(), was.st_uid, was.st_gid)
        os.fchmod(into.fileno(), stat.S_IMODE(was.st_mode))


def _own(held: int, mode: int, uid: int, gid: int) -> None:
    path = f"/proc/self/fd/{held}"
    if stat.S_ISLNK(os.fstat(held).st_mode):
        return
    os.chown(path, uid, gid)
    Path(path).chmod(mode)


def _is_folder(power: Power, number: int | None) -> bool:
    return number is not None and stat.S_ISDIR(os.fstat(power.held[number]).st_mode)


def _lives(held: int) -> bool:
    """Whether the inode has a name."""
    return os.fstat(held).st_nlink > 0


def _path(power: Power, held: int, name: str = "") -> str:
    """The path of an inode in the folder, as far as it has a name (proc_pid_fd(5))."""
    root, here = (str(Path(f"/proc/self/fd/{each}").readlink()) for each in (power.root, held))
    inside = here[len(root) :].lstrip("/") if here.startswith(root) else here
    return "/".join(part for part in (inside, name) if part) or "."
