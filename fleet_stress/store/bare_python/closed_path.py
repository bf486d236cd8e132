"""Whether only root or the login can change what a path leads to: asked before root runs anything from there."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Collection
from pathlib import Path

#: An access list as Linux keeps it (acl(5)): the mode's group bits are then its mask, and say nothing of who.
_ACCESS_LIST = "system.posix_acl_access"
#: Who is in it may become root anyway: so macOS ships its sudoers, and its folders.
_GROUPS_OF_ADMINS = ("admin", "wheel") if hasattr(os, "lchflags") else ()


def trusted() -> set[int]:
    """Who may own such folders: root, whoever we are, and the login that became root by sudo(8)."""
    login = os.environ.get("SUDO_UID", "")
    return {0, os.geteuid(), *([int(login)] if login.isdecimal() else [])}


def open_folders(path: Path, owners: Collection[int] | None = None) -> list[tuple[str, str]]:
    """Folders on the real way to ``path``, itself among them, that others own or may write to; each with why.

    In a sticky folder (``/tmp``) others can neither rename nor remove what is not theirs (unlink(2)), so it counts as
    closed for what is there already and trusted. What is yet to be made in one, others may make first: it is told. What
    is not there elsewhere is passed over.

    Args:
        path: Links in it are resolved.
        owners: Users who may change it; by default those of ``trusted``.
    """
    owners = trusted() if owners is None else owners
    real = Path(os.path.realpath(path))
    found, others = [], ""
    for folder in (*reversed(real.parents), real):
        try:
            status = folder.lstat()
        except OSError:
            if others:
                why = (
                    f"it is not there, and {others} may write to {folder.parent}, so others may make it first"
                )
                found.append((str(folder), why))
            break
        if status.st_uid not in owners:
            found.append((str(folder), f"it belongs to {_user(status.st_uid)}"))
            others = ""
            continue
        sticky = bool(status.st_mode & stat.S_ISVTX) and folder != real
        writers = _writers(folder, status, owners)
        others = writers if sticky else ""
        if writers and not sticky:
            found.append((str(folder), f"{writers} may write to it"))
    return found


def refusal(path: Path) -> str:
    """Why nothing may be run from ``path``, in a sentence that says what to do; empty: it may."""
    for folder, why in open_folders(path):
        return (
            f"{folder} is not closed: {why}, and could change what is run from {path}."
            f" Make it so (mkdir -p {folder}; chown root {folder}; chmod go-w {folder}), or choose another stress_dir"
        )
    return ""


def _writers(folder: Path, status: os.stat_result, owners: Collection[int]) -> str:
    """Who but the owners may write there, in words; empty: nobody."""
    if status.st_mode & 0o002:
        return "everybody"
    if not status.st_mode & 0o020:
        return ""
    if _has_access_list(folder):
        return "somebody named in its access list"
    return "" if _closed_group(status, owners) else f"group {_group(status.st_gid)}"


def _closed_group(status: os.stat_result, owners: Collection[int]) -> bool:
    """Whether nobody but trusted users is in its group, as in a user's own group (named like the user)."""
    try:
        group = grp.getgrgid(status.st_gid)
        members = {pwd.getpwnam(name).pw_uid for name in group.gr_mem}
    except KeyError:
        return False
    if group.gr_name in _GROUPS_OF_ADMINS:
        return True
    entries = [entry for entry in pwd.getpwall() if entry.pw_gid == group.gr_gid]
    # Not every directory of users lists its users: only a user's own group is known to have no other.
    own = any(entry.pw_name == group.gr_name and entry.pw_uid in owners for entry in entries)
    return own and members | {entry.pw_uid for entry in entries} <= set(owners)


def _has_access_list(folder: Path) -> bool:
    names = getattr(os, "listxattr", None)
    try:
        return names is not None and _ACCESS_LIST in names(folder)
    except OSError:  # a file system without
        return False


def _user(uid: int) -> str:
    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
