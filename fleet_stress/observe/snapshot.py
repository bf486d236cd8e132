"""Snapshots of the bot's state and log folders, with copies of what checks will read."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.rotated_logs import LogFamilies, is_packed
from fleet_stress.store.bare_python import no_links
from fleet_stress.store.layout import FILE_PREFIX

#: Files up to this size are copied into the evidence.
KEEP_LIMIT = 1_000_000
#: Of a larger text log, so many bytes at its end are copied: checks search the newest lines.
TAIL_BYTES = 256_000
#: After a start, what its text logs gained during it is copied beyond that, as long as all of it is no more.
GAINED_BYTES = 8_000_000
TAIL_SUFFIX = ".tail"
#: The suffix of what is read of a database or of records, beside its copy.
READ_SUFFIX = ".read"
#: What a bot can cost us by files that its profile does not name: so many are listed in a snapshot and in all of them,
#: so many bytes are read for a snapshot, and so many are copied for all of them.
MOST_FILES, MOST_LISTED = 20_000, 200_000
READ_BUDGET, KEEP_BUDGET = 512_000_000, 256_000_000
#: A copy that cannot be made because of its name: too long, or a file's and a folder's at once.
_BY_ITS_NAME = (errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)
#: The keys of companions' files begin with it: ``companion/exchange``.
COMPANION = "companion"


class Snapshots:
    """Takes the snapshots of one arena. Equal contents are kept once and linked."""

    def __init__(
        self,
        evidence: Evidence,
        folders: dict[str, Path],
        extra: dict[str, Path],
        texts: Mapping[str, Sequence[str]] | Collection[str] = (),
        interpreted: Sequence[bot_files.Tracked] = (),
    ) -> None:
        """``folders`` are walked (``state``, ``log``); ``extra`` are single files elsewhere, by key.

        ``texts`` are text logs, whose rotated files are included (``rotated_logs``). ``interpreted`` are kept as read.
        """
        self._evidence = evidence
        self._texts = LogFamilies(texts)
        self._kept: dict[str, Path] = {}
        self._to_keep, self._to_read, self._listed = KEEP_BUDGET, READ_BUDGET, 0
        self._had: Mapping[int, int] = {}
        self._to_gain = 0
        self.look_at(folders, extra, interpreted)

    def look_at(
        self, folders: dict[str, Path], extra: dict[str, Path], interpreted: Sequence[bot_files.Tracked]
    ) -> None:
        """From now on, look for the same files there."""
        self._folders, self._extra = folders, extra
        self._interpreted: dict[str, tuple[bot_files.Tracked, Path]] = {}
        for tracked in interpreted:
            self._interpreted[tracked.key] = tracked, tracked.path
            if tracked.backup_key and tracked.backup:
                self._interpreted[tracked.backup_key] = tracked, tracked.backup

    def take(self, name: str, *, since: str | None = None) -> str:
        """Take a snapshot ``name`` of all files; returns its key in ``evidence.snapshots``.

        ``since``: the one before the start that has ended, so that what its text logs gained is kept.
        """
        seen: dict[str, Any] = {}
        before = self._evidence.document["snapshots"][since]["files"].values() if since else ()
        self._had = {file["inode"]: file["size"] for file in before}
        self._to_gain = GAINED_BYTES if since else 0
        for key, path in self._single_files():
            if os.path.lexists(path):
                seen[key] = self._look(name, key, path, path.lstat())
        self._to_read = READ_BUDGET
        for key, path, status in self._all_files():
            if key in seen:
                continue
            if len(seen) >= MOST_FILES or self._listed >= MOST_LISTED:
                self._evidence.document["limited"] = (
                    f"the bot's folders have {len(seen)} files and more; fleet-stress looks at {MOST_FILES} at"
                    f" once, and at {MOST_LISTED} in a scenario"
                )
                break
            self._listed += 1
            seen[key] = self._look(name, key, path, status, others=True)
        self._evidence.document["snapshots"][name] = {
            "at": self._evidence.now(),
            "wall": time.time(),
            "files": seen,
        }
        return name

    def _all_files(self) -> Iterator[tuple[str, Path, os.stat_result]]:
        for prefix, folder in self._folders.items():
            for path, status in bot_files.regular_files(folder):
                yield f"{prefix}/{path.relative_to(folder)}", path, status

    def _single_files(self) -> Iterator[tuple[str, Path]]:
        for key, path in self._extra.items():
            yield key, path
            for name in sorted(no_links.names(path.parent)) if self._texts.holds(key) else ():
                beside = f"{key.rpartition('/')[0]}/{name}"
                if beside != key and self._texts.of(beside) == key:
                    yield beside, path.with_name(name)

    def _look(
        self, name: str, key: str, path: Path, status: os.stat_result, *, others: bool = False
    ) -> dict[str, Any]:
        """Our own files are listed but not read: they are many and large. Of ``others`` only so much is read."""
        ours = path.name.startswith(FILE_PREFIX) and status.st_uid == os.geteuid()
        regular = stat.S_ISREG(status.st_mode) and not ours
        if regular and key in self._interpreted:
            return self._look_into(name, key, status)
        if others and regular:
            self._to_read -= min(status.st_size, bot_files.READ_LIMIT)
        data = bot_files.read_regular(path) if regular and (not others or self._to_read >= 0) else None
        sha256 = None if data is None else bot_files.digest(data)
        if others and data is not None and sha256 not in self._kept:
            self._to_keep -= len(data)
        room = not others or self._to_keep >= 0
        kept = data is not None and sha256 is not None and room and self._keep(name, key, data, sha256)
        ends = self._texts.holds(key) and not is_packed(key)  # half of a compressed file cannot be read
        return {
            "size": status.st_size,
            "mtime": status.st_mtime_ns / 1e9,
            "inode": status.st_ino,
            "uid": status.st_uid,
            "mode": stat.filemode(status.st_mode),
            "sha256": sha256,
            "kept": kept,
            "tail": self._keep_tail(name, key, path, status) if regular and ends and not kept else 0,
            "ours": ours,
        }

    def _look_into(self, name: str, key: str, status: os.stat_result) -> dict[str, Any]:
        """For a database or records: what can be read from it, including its companion files."""
        tracked, path = self._interpreted[key]
        data = file_content.read(tracked, path, at_rest=True)
        sha256 = None if data is None else bot_files.digest(data)
        kept = data is not None and self._store(name, f"{key}{READ_SUFFIX}", data, bot_files.digest(data))
        raw = bot_files.read_regular(path)
        if raw is not None:
            self._keep(name, key, raw, bot_files.digest(raw))
        stamp = file_content.stamp(tracked, path)
        return {
            "size": stamp[2] if stamp else status.st_size,
            "mtime": (stamp[1] if stamp else status.st_mtime_ns) / 1e9,
            "inode": status.st_ino,
            "uid": status.st_uid,
            "mode": stat.filemode(status.st_mode),
            "sha256": sha256,
            "kept": kept,
            "tail": 0,
            "ours": False,
            "read": True,
        }

    def _keep_tail(self, name: str, key: str, path: Path, status: os.stat_result) -> int:
        """Copy the end of a text log, or what it gained; returns how many bytes."""
        had = self._had.get(status.st_ino, 0)
        gained = status.st_size - (had if had <= status.st_size else 0)
        data = bot_files.read_tail(path, max(TAIL_BYTES, min(gained, self._to_gain)))
        if data is None:
            return 0
        self._to_gain -= len(data) if len(data) > TAIL_BYTES else 0
        copy = self._evidence.folder / name / f"{key}{TAIL_SUFFIX}"
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(data)
        return len(data)

    def _keep(self, name: str, key: str, data: bytes, sha256: str) -> bool:
        """Copy a file of the bot's; False: it is too large, or has a name that we give to what is beside copies."""
        ends, reads = key[: -len(TAIL_SUFFIX)], key[: -len(READ_SUFFIX)]
        taken = (key.endswith(TAIL_SUFFIX) and self._texts.holds(ends)) or (
            key.endswith(READ_SUFFIX) and reads in self._interpreted
        )
        return not taken and self._store(name, key, data, sha256)

    def _store(self, name: str, key: str, data: bytes, sha256: str) -> bool:
        if len(data) > KEEP_LIMIT:
            return False
        copy = self._evidence.folder / name / key
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            if sha256 not in self._kept or not _linked(self._kept[sha256], copy):
                copy.write_bytes(data)
                self._kept[sha256] = copy
        except OSError as problem:
            if problem.errno not in _BY_ITS_NAME:
                raise
            return False
        return True


def _linked(known: Path, copy: Path) -> bool:
    """Give a copy one more name; False where it has as many as its file system allows (ext4: 65,000)."""
    try:
        os.link(known, copy)
    except OSError as problem:
        if problem.errno not in (errno.EMLINK, errno.EPERM, errno.ENOTSUP):
            raise
        return False
    return True
