"""The private copy of a bot: unpacked from an archive, with the profile's overlay of configuration.

A copy's name contains the hash of its content and overlay, its stamp is written last, and a bot cannot write to it: a
complete copy is never made again. Nothing in an archive is trusted (principle 9).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from fleet_stress.store.atomic import sync_folder, write_atomic
from fleet_stress.store.bare_python.marks import owner_of
from fleet_stress.store.bot_archive import (
    BotCopyError,
    Entry,
    Rules,
    Taken,
    leaves,
    missing_programs,
    script_of,
    take,
)
from fleet_stress.store.deletion import remove_tree

#: Suffixes of files that an overlay may contain: configuration, never code.
CONFIGURATION = (
    *("", ".cfg", ".conf", ".config", ".csv", ".env", ".example", ".ini", ".json", ".properties", ".sample"),
    *(".toml", ".txt", ".xml", ".yaml", ".yml"),
)
_MAKING = ".making-"


class CopyRequest(NamedTuple):
    """The wanted copy. ``content``: the full hash of the archive's content."""

    bots: Path
    name: str
    archive: Path
    content: str
    overlay: Mapping[str, str]
    commands: dict[str, Sequence[str]]
    limit_mb: float
    #: The group of the bot's user, which besides root has access to the copies. None: only the caller has.
    group: int | None = None

    @property
    def copy(self) -> Path:
        """The path of the copy."""
        document = json.dumps([self.content, sorted(self.overlay.items())])
        return self.bots / f"{self.name}-{hashlib.sha256(document.encode()).hexdigest()[:12]}"

    @property
    def stamp(self) -> Path:
        """The file that marks the copy as complete."""
        return self.bots / f"{self.copy.name}.json"


def place(wanted: CopyRequest, *, look_only: bool = False) -> dict[str, Any]:
    """Make the copy unless it is complete.

    Returns ``changed``, ``copy`` (its path), ``why`` it was made, and a ``diff`` of the overlay.

    Raises:
        BotCopyError: The request is impossible, or the archive is not as it should be.
    """
    if not re.fullmatch(r"[\w][\w.-]*", wanted.name):
        raise BotCopyError(
            f"bot {wanted.name!r}: a name has letters, digits, '_', '-' and '.' only; correct it"
        )
    for path in wanted.overlay:
        _check_overlay(path, wanted.commands)
    why = _incomplete(wanted)
    answer = {"changed": bool(why), "copy": str(wanted.copy), "why": why, "diff": _diff(wanted, why)}
    if why and not look_only:
        if owner_of(wanted.copy) is None:
            raise BotCopyError(
                f"{wanted.bots}: is not ours (no marker); run the provision stage from its beginning"
            )
        wanted.bots.mkdir(mode=0o700, exist_ok=True)
        _close(wanted)
        with _alone(wanted.bots):
            if _incomplete(wanted):  # else another controller made it while we waited
                _make(wanted)
    return answer


def _close(wanted: CopyRequest) -> None:
    """A bot's code may be confidential: other users of the host have no access."""
    if os.geteuid() == 0 and wanted.group is not None:
        os.chown(wanted.bots, 0, wanted.group)
        wanted.bots.chmod(0o710)


def _incomplete(wanted: CopyRequest) -> str:
    """Why the copy must be made; empty: it is complete and unchanged."""
    if not wanted.copy.is_dir():
        return "is not there"
    try:
        stamp = json.loads(wanted.stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "was not finished"
    try:
        same = stamp.get("tree") == take(wanted.copy, Rules(everything=True)).content
    except BotCopyError:
        same = False
    return "" if same else "was changed since it was made"


def _make(wanted: CopyRequest) -> None:
    for left in wanted.bots.glob(f"{_MAKING}*"):
        remove_tree(left)
    wanted.stamp.unlink(missing_ok=True)
    remove_tree(wanted.copy)
    making = wanted.bots / f"{_MAKING}{wanted.copy.name}"
    making.mkdir(mode=0o700)
    try:
        unpacked = unpack(wanted.archive, making, wanted.limit_mb)
        if unpacked.content != wanted.content:
            raise BotCopyError(
                f"{wanted.archive}: does not hold what its name says. Run again: it is brought anew."
            )
    except BotCopyError:
        wanted.archive.unlink(missing_ok=True)  # so that the next run transfers it again
        raise
    for path, text in wanted.overlay.items():
        lay_over(making, path, text)
    tree = take(making, Rules(everything=True))
    missing = list(missing_programs(tree, wanted.commands)) + list(_missing_outside(wanted.commands))
    if missing:
        raise BotCopyError(
            f"bot {wanted.name}: {'; '.join(missing)}. Correct bot_source, or argv in the bot's profile."
        )
    making.chmod(0o755)
    making.replace(wanted.copy)
    sync_folder(wanted.bots)
    write_atomic(
        wanted.stamp,
        {
            "made_by": "fleet-stress",
            "content": wanted.content,
            "tree": tree.content,
            "overlay": dict(wanted.overlay),
        },
        mode=0o644,
    )


@contextmanager
def _alone(bots: Path) -> Iterator[None]:
    """One process makes copies at a time: two controllers may provision one host. Only we can read the lock."""
    descriptor = os.open(bots / ".lock", os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _missing_outside(commands: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, argv in commands.items():
        program = argv[0] if argv else ""
        if not script_of(argv) and "${" not in program and shutil.which(program) is None:
            yield f"{name} {list(argv)}: there is no program {program!r} on this host"


# ---- unpacking ----


def unpack(archive: Path, target: Path, limit_mb: float) -> Taken:
    """Unpack into an empty folder of ours; returns what was written.

    Only folders, regular files and inner links are created, never over an existing entry; links last, so that nothing
    is written through one. Everything belongs to us and is writable by nobody else.

    Raises:
        BotCopyError: The archive is damaged, too large, or holds anything else.
    """
    entries: list[Entry] = []
    room, folders = int(limit_mb * 2**20), {"."}
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _check_member(member, {entry.path for entry in entries} if member.issym() else set())
                path, place_of = member.name, target / member.name
                if str(PurePosixPath(path).parent) not in folders:
                    raise BotCopyError(
                        f"{archive}: {path} comes before its folder. Run again: it is brought anew."
                    )
                if member.isdir():
                    place_of.mkdir(mode=0o755)
                    place_of.chmod(0o755)
                    folders.add(path)
                    entries.append(Entry(path, "folder", True, ""))
                elif member.issym():
                    entries.append(Entry(path, "link", False, member.linkname))
                else:
                    room -= member.size
                    if room < 0:
                        excess = f"holds more than bot_source_max_mb ({limit_mb:g} MiB)"
                        raise BotCopyError(f"{archive}: {excess}. Leave out more of it, or raise that.")
                    entries.append(_write_member(tar, member, place_of))
        for entry in entries:
            if entry.kind == "link":
                (target / entry.path).symlink_to(entry.content)
    except (tarfile.TarError, EOFError, zlib.error, OSError, ValueError) as problem:
        raise BotCopyError(
            f"{archive}: cannot be unpacked ({problem}). Run again: it is brought anew."
        ) from problem
    return Taken(tuple(sorted(entries)), ())


def _check_member(member: tarfile.TarInfo, seen: set[str]) -> None:
    path = member.name
    plain = (
        not path.startswith("/")
        and path == os.path.normpath(path)
        and path.split("/")[0] not in ("..", ".", "")
    )
    known = member.isreg() or member.isdir() or member.issym()
    if not plain or path in seen or not known or member.size < 0:  # a negative size would add room
        raise BotCopyError(
            f"archive: {path!r} is not a plain file, folder or link inside it; nothing was kept. Run again."
        )
    if member.issym() and leaves(path, member.linkname):
        raise BotCopyError(
            f"archive: the link {path!r} leaves it (-> {member.linkname}); nothing was kept. Run again."
        )


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> Entry:
    executable = bool(member.mode & 0o100)
    source = tar.extractfile(member)
    digest = hashlib.sha256()
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
    ) as stream:
        while source is not None and (data := source.read(1 << 20)):
            digest.update(data)
            stream.write(data)
        os.fchmod(stream.fileno(), 0o755 if executable else 0o644)
    return Entry(member.name, "file", executable, digest.hexdigest(), member.size)


# ---- the profile's configuration ----


def _check_overlay(path: str, commands: Mapping[str, Sequence[str]]) -> None:
    plain = (
        not path.startswith("/")
        and path == os.path.normpath(path)
        and path.split("/")[0] not in ("..", ".", "")
    )
    if not plain:
        raise BotCopyError(
            f"overlay {path!r}: is not a path inside the bot's folder. Correct the bot's profile."
        )
    programs = {script_of(argv) for argv in commands.values()}
    if PurePosixPath(path).suffix.lower() not in CONFIGURATION or path in programs:
        raise BotCopyError(
            f"overlay {path!r}: is code. An overlay brings configuration ({' '.join(CONFIGURATION[1:])});"
            " the bot's code is never touched. Correct the bot's profile."
        )


def lay_over(copy: Path, path: str, text: str) -> None:
    """Write one file of the overlay into the copy; it replaces whatever had its name, such as a link."""
    folder = copy
    for name in PurePosixPath(path).parts[:-1]:
        folder = folder / name
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            raise BotCopyError(
                f"overlay {path!r}: {name} is a link or a file in the bot's folder. Name the real place."
            )
        if not folder.exists():
            folder.mkdir(mode=0o755)
            folder.chmod(0o755)
    file = copy / path
    if file.is_dir() and not file.is_symlink():
        raise BotCopyError(f"overlay {path!r}: is a folder in the bot's folder. Correct the bot's profile.")
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        os.fchmod(stream.fileno(), 0o644)


def _diff(wanted: CopyRequest, why: str) -> list[dict[str, str]]:
    """What changes against the newest copy of the same bot, in the form of --diff."""
    if not why:
        return []
    before = _overlay_before(wanted)
    copy = {
        "before_header": "copy",
        "after_header": "copy",
        "before": "",
        "after": f"{wanted.copy} ({why})\n",
    }
    return [copy] + [
        {
            "before_header": path,
            "after_header": path,
            "before": before.get(path, ""),
            "after": wanted.overlay.get(path, ""),
        }
        for path in sorted({*before, *wanted.overlay})
        if before.get(path) != wanted.overlay.get(path)
    ]


def _overlay_before(wanted: CopyRequest) -> Mapping[str, str]:
    name = re.compile(rf"{re.escape(wanted.name)}-[0-9a-f]{{12}}\.json")
    stamps = [
        path for path in wanted.bots.glob("*.json") if name.fullmatch(path.name) and path != wanted.stamp
    ]
    if not stamps:
        return {}
    newest = max(stamps, key=lambda path: path.stat().st_mtime_ns)
    overlay = json.loads(newest.read_text(encoding="utf-8")).get("overlay", {})
    return dict(overlay)
