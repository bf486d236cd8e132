"""Selects what is taken from a bot's folder, and packs it.

The archive's name contains the hash of its content, so an existing archive is not made or transferred again. Another
user may change the folder meanwhile, so it is walked by descriptors, no link is followed, and content is hashed while
it is packed.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import io
import json
import os
import re
import stat
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from fleet_stress.store.bare_python.no_links import opened_folder
from fleet_stress.store.bare_python.tree_walk import DEEPEST, walk
from fleet_stress.store.layout import MARKER

#: Never taken: generated, huge or secret files (principle 5: no credentials cross over; an overlay may bring a
#: harmless ``.env``).
LEFT_OUT = (
    *(".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", "*.pyc"),
    *(".tox", ".nox", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
    *(".env", ".env.*", "*.pem", "*.key", ".netrc", ".ssh", ".aws"),
)
TAKEN_ANYWAY = (".env.example", ".env.sample", ".env.template")
#: Top folders that are left empty unless they contain code: they are a living bot's data.
DATA_FOLDERS = ("state", "log", "logs", "results")

_CODE = (".py", ".pyx", ".so", ".js", ".ts", ".sh")
_CHUNK = 1 << 20


class BotCopyError(Exception):
    """The copy cannot be made; the message says what, where and what to do."""


class Entry(NamedTuple):
    """An entry of a copy. ``content``: SHA-256 of a file, target of a link, empty for a folder."""

    path: str
    kind: str
    executable: bool
    content: str
    size: int = 0


class Rules(NamedTuple):
    """What is not taken, besides LEFT_OUT.

    ``patterns`` are globs relative to the folder. ``own_files`` are the bot's state and log files as its
    profile names them (relative to its state or log folder, or ``${bot_dir}/…``): a living bot's data must
    not be copied.
    """

    patterns: Sequence[str] = ()
    own_files: Sequence[str] = ()
    everything: bool = False

    def left_out(self, path: str, bare: Iterable[str]) -> bool:
        """Whether ``path`` is not taken. ``bare``: top folders without code."""
        if self.everything:
            return False
        top, name = path.split("/")[0], path.rpartition("/")[2]
        by_name = any(fnmatch.fnmatchcase(name, pattern) for pattern in LEFT_OUT) and name not in TAKEN_ANYWAY
        data = path != top and top in bare and name != ".gitkeep"
        by_pattern = any(fnmatch.fnmatchcase(path, pattern.rstrip("/")) for pattern in self.patterns)
        return by_name or data or by_pattern or any(self._is_own(path, own) for own in self.own_files)

    @staticmethod
    def _is_own(path: str, own: str) -> bool:
        in_copy = re.sub(r"^\$\{bot_dir\}/", "", own)
        return path == in_copy or ("$" not in own and path.endswith(f"/{own}"))


class Taken(NamedTuple):
    """What is taken from a folder, sorted by path, and what is not."""

    entries: tuple[Entry, ...]
    left_out: tuple[str, ...]

    @property
    def content(self) -> str:
        """SHA-256 over names, kinds, executable bits and contents; times and owners do not matter."""
        return hashlib.sha256(json.dumps([entry[:4] for entry in self.entries]).encode()).hexdigest()

    @property
    def megabytes(self) -> float:
        """Size of all files together, in MiB."""
        return sum(entry.size for entry in self.entries) / 2**20


def take(folder: Path, rules: Rules, into: tarfile.TarFile | None = None) -> Taken:
    """Read a folder, and pack it into ``into`` if given.

    Raises:
        BotCopyError: It is missing, unreadable, changes meanwhile, or a link leads out of it.
    """
    if not folder.is_dir():
        raise BotCopyError(f"bot_source {folder}: is not there, or is not a folder. Correct bot_source.")
    folder = Path(os.path.realpath(folder))  # os.fwalk finds nothing behind a link
    bare = [name for name in DATA_FOLDERS if not _has_code(folder / name)]
    entries: list[Entry] = []
    left: list[str] = []
    for parent, folders, names, descriptor in os.fwalk(folder, onerror=_unreadable):
        below = os.path.relpath(parent, folder)
        for name in sorted([*folders, *names]):
            path = name if below == "." else f"{below}/{name}"
            mode = _mode(name, descriptor)
            # A folder with our marker is a stress_dir inside the bot's own folder.
            ours = stat.S_ISDIR(mode) and not rules.everything and _mode(f"{name}/{MARKER}", descriptor)
            if stat.S_IFMT(mode) not in _KINDS or ours or rules.left_out(path, bare):
                left.append(path)
                if name in folders:
                    folders.remove(name)
                continue
            if path.count("/") >= DEEPEST:
                raise BotCopyError(
                    f"bot_source: {path[:20]}… is more than {DEEPEST} folders deep. Put it higher, or leave it out:"
                    " -e bot_source_leave_out=PATTERN"
                )
            kind = _KINDS[stat.S_IFMT(mode)]
            if kind == "file":
                entries.append(_file(name, descriptor, path, into))
                continue
            target = _inner_link(folder, path, os.readlink(name, dir_fd=descriptor)) if kind == "link" else ""
            entries.append(Entry(path, kind, kind == "folder", target))
            if into is not None:
                into.addfile(tar_info(entries[-1]))
        folders.sort()
    return Taken(tuple(sorted(entries)), tuple(sorted(left)))


_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
_TYPES = {"file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE}


def tar_info(entry: Entry) -> tarfile.TarInfo:
    """The header of an entry in an archive: no owner, no time, no special bits."""
    info = tarfile.TarInfo(entry.path)
    info.type = _TYPES[entry.kind]
    info.mode = 0o755 if entry.executable else 0o644
    info.size = entry.size
    info.linkname = entry.content if entry.kind == "link" else ""
    return info


def pack(folder: Path, rules: Rules, archives: Path, limit_mb: float) -> tuple[Taken, Path]:
    """Pack a folder into ``archives``, unless an archive of that content exists; returns content and path.

    Raises:
        BotCopyError: As :func:`take`, and for more than ``limit_mb`` MiB.
    """
    taken = take(folder, rules)
    if taken.megabytes > limit_mb:
        raise BotCopyError(
            f"bot_source {folder}: {taken.megabytes:.0f} MiB are more than bot_source_max_mb ({limit_mb:g});"
            f" the largest: {_largest(taken)}. Leave out what the bot does not need"
            " (-e bot_source_leave_out=PATTERN), or raise it."
        )
    archive = archives / f"{taken.content[:12]}.tar.gz"
    if archive.is_file():
        return taken, archive
    archives.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=archives, prefix=".packing-")
    try:
        with (
            os.fdopen(descriptor, "wb") as raw,
            gzip.GzipFile("", "wb", 3, raw, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            taken = take(folder, rules, tar)
        archive = archives / f"{taken.content[:12]}.tar.gz"
        Path(temporary).replace(archive)
    finally:
        Path(temporary).unlink(missing_ok=True)
    return taken, archive


def _largest(taken: Taken) -> str:
    sizes: dict[str, int] = {}
    for entry in taken.entries:
        top = entry.path.split("/")[0]
        sizes[top] = sizes.get(top, 0) + entry.size
    largest = sorted(sizes, key=lambda top: sizes[top], reverse=True)[:3]
    return ", ".join(f"{top} {sizes[top] / 2**20:.0f} MiB" for top in largest)


def missing_programs(taken: Taken, commands: dict[str, Sequence[str]]) -> Iterator[str]:
    """Sentences for commands of a profile (``argv``, companions) whose script is not in what was taken."""
    files = {entry.path for entry in taken.entries if entry.kind != "folder"}
    for name, argv in commands.items():
        script = script_of(argv)
        if script and script not in files:
            yield f"{name} {list(argv)}: {script} is not in the bot's folder"


def script_of(argv: Sequence[str]) -> str:
    """The path inside the bot's folder that a command starts; empty where it starts something else."""
    words = [re.sub(r"^(\$\{bot_dir\}|\.)/", "", word) for word in argv]
    if words[:1] == ["${python}"]:
        words = words[1:]
        while words and words[0].startswith("-"):
            if words[0] in ("-m", "-c"):
                return ""
            words = words[2:] if words[0] in ("-X", "-W") else words[1:]
    elif words and "/" not in argv[0]:
        return ""
    script = words[0] if words else ""
    return "" if script.startswith(("/", "${")) else script


def _mode(name: str, descriptor: int) -> int:
    """The mode of a name, links not followed; 0: it does not exist."""
    try:
        return os.lstat(name, dir_fd=descriptor).st_mode
    except OSError:
        return 0


def _has_code(folder: Path) -> bool:
    try:
        with opened_folder(folder) as top:
            return any(seen.name.endswith(_CODE) for seen in walk(top))
    except OSError:
        return False


def _unreadable(problem: OSError) -> NoReturn:
    raise BotCopyError(
        f"bot_source: {problem.filename} cannot be read ({problem.strerror or problem}). Make it readable and"
        " let it rest while it is copied, or leave it out: -e bot_source_leave_out=PATTERN"
    )


def _file(name: str, descriptor: int, path: str, into: tarfile.TarFile | None) -> Entry:
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=descriptor)
        with _Hashing(opened) as stream:
            status = os.fstat(opened)
            entry = Entry(path, "file", bool(status.st_mode & 0o100), "", status.st_size)
            if into is None:
                while stream.read(_CHUNK):
                    pass
            else:
                into.addfile(tar_info(entry), stream)
            return entry._replace(content=stream.digest.hexdigest(), size=stream.count)
    except OSError as problem:
        problem.filename = path
        _unreadable(problem)


class _Hashing(io.FileIO):
    """A file that is hashed while it is read."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(descriptor, "rb")
        self.digest, self.count = hashlib.sha256(), 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(-1 if size is None else size) or b""
        self.digest.update(data)
        self.count += len(data)
        return data


def _inner_link(folder: Path, path: str, target: str) -> str:
    """The target of a link, which must stay inside by its text and by where it really leads."""
    root = os.path.realpath(folder)
    leads_to = os.path.realpath(f"{root}/{os.path.dirname(path)}/{target}")  # noqa: PTH120
    if leaves(path, target) or not f"{leads_to}/".startswith(f"{root}/"):
        raise BotCopyError(
            f"bot_source: {path} is a link that leaves the folder (-> {target}); the bot's copy must stand"
            f" alone. Put the file itself there, or leave it out: -e bot_source_leave_out={path}"
        )
    return target


def leaves(path: str, target: str) -> bool:
    """Whether a link at ``path`` (relative to its root) leaves that root, by its text alone."""
    by_words = os.path.normpath(os.path.join(os.path.dirname(path), target))  # noqa: PTH118, PTH120
    return target.startswith("/") or by_words.split("/")[0] == ".."
