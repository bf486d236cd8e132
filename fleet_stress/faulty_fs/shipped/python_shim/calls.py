"""All functions of ``os`` that change or read files, and their replacements."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim import data, names
from fleet_stress.faulty_fs.shipped.python_shim.call import Call
from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders

_NAMES: dict[str, Callable[..., names.NameOperation | None]] = {
    "open": names.opened,
    "rename": names.renamed,
    "replace": names.renamed,
    "link": names.linked,
    "symlink": names.symlinked,
    "unlink": names.unlinked,
    "remove": names.unlinked,
    "mkdir": names.folder_made,
    "rmdir": names.folder_removed,
    "mknod": names.node_made,
    "mkfifo": names.node_made,
    "chmod": names.changed("chmod"),
    "fchmod": names.changed("chmod"),
    "chown": names.changed("chown"),
    "fchown": names.changed("chown"),
    "lchown": names.link_owned,
    "utime": names.changed("utimens"),
    "truncate": names.truncated,
    "ftruncate": names.truncated,
    "fsync": names.synced("fsync"),
    "fdatasync": names.synced("fdatasync"),
    "posix_fallocate": names.room_taken,
}
_DATA: dict[str, Callable[..., Any]] = {
    "read": data.reading,
    "pread": data.reading,
    "readv": data.reading,
    "preadv": data.reading,
    "write": data.writing,
    "pwrite": data.writing,
    "writev": data.writing_several,
    "pwritev": data.writing_several,
    "sendfile": data.sending,
}
_OTHERS: dict[str, type[Call]] = {"copy_file_range": data.CopyRange, "_fcopyfile": data.CopyFile}


def made(folders: Folders) -> Iterator[tuple[Any, Call]]:
    """All that this Python has: the function and its replacement."""
    for name, ask in _NAMES.items():
        if hasattr(system, name):
            yield getattr(system, name), names.NameCall(getattr(system, name), folders, ask)
    for name, act in _DATA.items():
        if hasattr(system, name):
            yield getattr(system, name), data.DataCall(getattr(system, name), folders, act)
    for name, kind in _OTHERS.items():
        if hasattr(system, name):
            yield getattr(system, name), kind(getattr(system, name), folders)
    if sys.platform == "darwin":
        import fcntl

        yield fcntl.fcntl, names.NameCall(fcntl.fcntl, folders, names.fully_synced)
