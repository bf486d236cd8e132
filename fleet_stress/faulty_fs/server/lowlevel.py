"""libfuse3's low-level interface (fuse_lowlevel.h), on the library and the structures that mfusepy has found.

mfusepy itself binds the high-level interface alone, which knows files by their names. To be imported only where a
file system is served: mfusepy raises OSError where there is no libfuse3.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import Any

os.environ["FUSE_LIBRARY_NAME"] = "fuse3"  # mfusepy would take libfuse 2 where both are there
import mfusepy

Stat, FileInfo, StatVfs = mfusepy.c_stat, mfusepy.fuse_file_info, mfusepy.c_statvfs
_fuse: Any = mfusepy._libfuse
_libc: Any = ctypes.CDLL(None, use_errno=True)

_info = ctypes.POINTER(FileInfo)
_req, _ino, _text = ctypes.c_void_p, ctypes.c_uint64, ctypes.c_char_p
_mode, _int, _uint, _size, _off = (
    ctypes.c_uint32,
    ctypes.c_int,
    ctypes.c_uint,
    ctypes.c_size_t,
    ctypes.c_int64,
)
#: struct fuse_lowlevel_ops, in its order; None: an operation that we leave out, and the kernel does without.
_OPERATIONS: tuple[tuple[str, tuple[Any, ...] | None], ...] = (
    ("init", None),
    ("destroy", None),
    ("lookup", (_ino, _text)),
    ("forget", (_ino, ctypes.c_uint64)),
    ("getattr", (_ino, _info)),
    ("setattr", (_ino, ctypes.POINTER(Stat), _int, _info)),
    ("readlink", (_ino,)),
    ("mknod", (_ino, _text, _mode, ctypes.c_uint64)),
    ("mkdir", (_ino, _text, _mode)),
    ("unlink", (_ino, _text)),
    ("rmdir", (_ino, _text)),
    ("symlink", (_text, _ino, _text)),
    ("rename", (_ino, _text, _ino, _text, _uint)),
    ("link", (_ino, _ino, _text)),
    ("open", (_ino, _info)),
    ("read", (_ino, _size, _off, _info)),
    ("write", (_ino, ctypes.c_void_p, _size, _off, _info)),
    ("flush", None),
    ("release", (_ino, _info)),
    ("fsync", (_ino, _int, _info)),
    ("opendir", (_ino, _info)),
    ("readdir", (_ino, _size, _off, _info)),
    ("releasedir", (_ino, _info)),
    ("fsyncdir", (_ino, _int, _info)),
    ("statfs", (_ino,)),
    # No extended attributes: "not supported" is an honest answer, and the kernel asks once.
    ("setxattr", None),
    ("getxattr", None),
    ("listxattr", None),
    ("removexattr", None),
    ("access", None),
    ("create", (_ino, _text, _mode, _info)),
    # Locks of both kinds are the kernel's own: who takes them is on this host.
    ("getlk", None),
    ("setlk", None),
    ("bmap", None),
    ("ioctl", None),
    ("poll", None),
    ("write_buf", None),
    ("retrieve_reply", None),
    ("forget_multi", (_size, ctypes.c_void_p)),
    ("flock", None),
    ("fallocate", (_ino, _int, _off, _off, _info)),
)


class _Operations(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name, _ in _OPERATIONS]


class _Entry(ctypes.Structure):
    _fields_ = [
        ("ino", ctypes.c_uint64),
        ("generation", ctypes.c_uint64),
        ("attr", Stat),
        ("attr_timeout", ctypes.c_double),
        ("entry_timeout", ctypes.c_double),
    ]


class _Context(ctypes.Structure):
    _fields_ = [
        ("uid", ctypes.c_uint32),
        ("gid", ctypes.c_uint32),
        ("pid", ctypes.c_int32),
        ("umask", ctypes.c_uint32),
    ]


class _Arguments(ctypes.Structure):
    _fields_ = [("argc", _int), ("argv", ctypes.POINTER(_text)), ("allocated", _int)]


class _Buffer(ctypes.Structure):
    #: Later versions of libfuse have a longer one.
    _fields_ = [("buffer", mfusepy.fuse_buf), ("more", ctypes.c_byte * 64)]


#: How long the kernel may believe an answer, in seconds. Not at all: the engine writes to the folder below as well
#: (a corrupted file, a filled volume), and a second name of a file must show what was done by the first.
_CACHED = 0.0


def _declare(name: str, returns: Any, *arguments: Any) -> Any:
    function = getattr(_fuse, name)
    function.restype, function.argtypes = returns, arguments
    return function


_req_ctx = _declare("fuse_req_ctx", ctypes.POINTER(_Context), _req)
_reply_err = _declare("fuse_reply_err", _int, _req, _int)
_reply_none = _declare("fuse_reply_none", None, _req)
_reply_entry = _declare("fuse_reply_entry", _int, _req, ctypes.POINTER(_Entry))
_reply_create = _declare("fuse_reply_create", _int, _req, ctypes.POINTER(_Entry), _info)
_reply_attr = _declare("fuse_reply_attr", _int, _req, ctypes.POINTER(Stat), ctypes.c_double)
_reply_readlink = _declare("fuse_reply_readlink", _int, _req, _text)
_reply_open = _declare("fuse_reply_open", _int, _req, _info)
_reply_write = _declare("fuse_reply_write", _int, _req, _size)
_reply_buf = _declare("fuse_reply_buf", _int, _req, _text, _size)
_reply_statfs = _declare("fuse_reply_statfs", _int, _req, ctypes.POINTER(StatVfs))
_add_direntry = _declare(
    "fuse_add_direntry", _size, _req, ctypes.c_void_p, _size, _text, ctypes.POINTER(Stat), _off
)
_session_new = _declare(
    "fuse_session_new",
    ctypes.c_void_p,
    ctypes.POINTER(_Arguments),
    ctypes.POINTER(_Operations),
    _size,
    ctypes.c_void_p,
)
_session_mount = _declare("fuse_session_mount", _int, ctypes.c_void_p, _text)
_session_unmount = _declare("fuse_session_unmount", None, ctypes.c_void_p)
_session_destroy = _declare("fuse_session_destroy", None, ctypes.c_void_p)
_receive = _declare("fuse_session_receive_buf", _int, ctypes.c_void_p, ctypes.POINTER(_Buffer))
_process = _declare("fuse_session_process_buf", None, ctypes.c_void_p, ctypes.POINTER(_Buffer))


def caller(request: Any) -> tuple[int, int, int]:
    """Who asks: uid, gid, and the pid of the thread."""
    told = _req_ctx(request).contents
    return told.uid, told.gid, told.pid


def reply_none(request: Any) -> None:
    """To a forget."""
    _reply_none(request)


def reply_error(request: Any, number: int) -> None:
    """An errno; 0: it is done."""
    _reply_err(request, number)


def _entry(number: int, status: os.stat_result) -> Any:
    entry = _Entry(ino=number, attr_timeout=_CACHED, entry_timeout=_CACHED)
    _fill(entry.attr, status)
    return entry


def _fill(attr: Any, status: os.stat_result) -> None:
    for name in ("dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "blksize", "blocks"):
        setattr(attr, f"st_{name}", getattr(status, f"st_{name}"))
    for name in ("atime", "mtime", "ctime"):
        told = getattr(attr, f"st_{name}spec")
        told.tv_sec, told.tv_nsec = divmod(getattr(status, f"st_{name}_ns"), 1_000_000_000)


def reply_entry(request: Any, number: int, status: os.stat_result) -> None:
    """A node, found or made."""
    _reply_entry(request, ctypes.byref(_entry(number, status)))


def reply_create(request: Any, number: int, status: os.stat_result, info: Any) -> bool:
    """A node, made and opened. False: the caller was interrupted, and will never close it."""
    return int(_reply_create(request, ctypes.byref(_entry(number, status)), info)) != -errno.ENOENT


def reply_open(request: Any, info: Any) -> bool:
    """An opened file or folder. False: the caller was interrupted, and will never close it."""
    return int(_reply_open(request, info)) != -errno.ENOENT


def reply_attributes(request: Any, status: os.stat_result) -> None:
    """What stat(2) tells."""
    attr = Stat()
    _fill(attr, status)
    _reply_attr(request, ctypes.byref(attr), _CACHED)


def reply_link(request: Any, target: str) -> None:
    """Where a symbolic link leads."""
    _reply_readlink(request, os.fsencode(target))


def reply_written(request: Any, count: int) -> None:
    """So many bytes were."""
    _reply_write(request, count)


def reply_data(request: Any, data: bytes) -> None:
    """What was read."""
    _reply_buf(request, data, len(data))


def reply_volume(request: Any, seen: os.statvfs_result) -> None:
    """What statvfs(3) tells."""
    told = StatVfs()
    for name in (
        "bsize",
        "frsize",
        "blocks",
        "bfree",
        "bavail",
        "files",
        "ffree",
        "favail",
        "flag",
        "namemax",
    ):
        setattr(told, f"f_{name}", getattr(seen, f"f_{name}"))
    _reply_statfs(request, ctypes.byref(told))


def reply_names(request: Any, names: Sequence[tuple[str, int, int]], offset: int, size: int) -> None:
    """As many names (name, inode, mode) of a folder from ``offset`` on as fit into ``size`` bytes."""
    buffer, used = ctypes.create_string_buffer(size), 0
    for index in range(offset, len(names)):
        name, inode, mode = names[index]
        attr = Stat(st_ino=inode, st_mode=mode)
        place = ctypes.addressof(buffer) + used
        more = _add_direntry(request, place, size - used, os.fsencode(name), ctypes.byref(attr), index + 1)
        if more > size - used:
            break
        used += more
    _reply_buf(request, buffer.raw[:used], used)


#: renameat2(2).
RENAME_EXCHANGE = 2
_acting = threading.local()


@contextlib.contextmanager
def as_ourselves() -> Iterator[None]:
    """Within it this thread may do what this process may."""
    caller: tuple[int, int] | None = getattr(_acting, "caller", None)
    if caller is None:
        yield
        return
    act_as(os.geteuid(), os.getegid())
    try:
        yield
    finally:
        act_as(*caller)


def act_as(uid: int, gid: int) -> None:
    """From now on this thread does to files what that user may (setfsuid(2)); for root alone.

    What is made belongs to the caller, and whoever gets us to follow a path gets nothing that he could not have had
    himself. The supplementary groups are ours, so none.
    """
    _acting.caller = uid, gid
    _libc.setfsgid(ctypes.c_uint32(gid))
    _libc.setfsuid(ctypes.c_uint32(uid))


def rename_by(old: int, name: str, new: int, to: str, flags: int) -> None:
    """renameat2(2): with RENAME_NOREPLACE or RENAME_EXCHANGE. Raises OSError."""
    _check(_libc.renameat2(old, os.fsencode(name), new, os.fsencode(to), ctypes.c_uint(flags)))


def fallocate(descriptor: int, mode: int, offset: int, length: int) -> None:
    """Room for a file, or a hole in it. Raises OSError."""
    _check(_libc.fallocate(descriptor, mode, ctypes.c_int64(offset), ctypes.c_int64(length)))


def change_owner(descriptor: int, uid: int, gid: int) -> None:
    """Of just this inode, be it a link (fchownat(2), AT_EMPTY_PATH). Raises OSError."""
    _check(_libc.fchownat(descriptor, b"", ctypes.c_uint32(uid), ctypes.c_uint32(gid), 0x1000 | 0x100))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Session:
    """One mounted file system, served by threads of Python's.

    ``operations`` has a method for each operation that is not left out: the request and its arguments. What a method
    raises is its answer: the errno of an OSError; anything else is a mistake of ours, told on standard error, and EIO.
    """

    def __init__(self, operations: object, options: Sequence[str]) -> None:
        """Raises OSError when libfuse does not take the options."""
        self._callbacks = []
        table = _Operations()
        for name, arguments in _OPERATIONS:
            if arguments is not None:
                made = ctypes.CFUNCTYPE(None, _req, *arguments)(_answering(getattr(operations, name)))
                self._callbacks.append(made)
                setattr(table, name, ctypes.cast(made, ctypes.c_void_p))
        words = [b"fleet-stress", b"-o", ",".join(options).encode()]
        self._argv = (_text * (len(words) + 1))(*words, None)
        given = _Arguments(len(words), ctypes.cast(self._argv, ctypes.POINTER(_text)), 0)
        self._table = table
        session = _session_new(ctypes.byref(given), ctypes.byref(table), ctypes.sizeof(table), None)
        if not session:
            raise OSError(errno.EINVAL, f"libfuse does not take the options {','.join(options)}")
        self._session = ctypes.c_void_p(session)

    def mount(self, target: str) -> None:
        """By a system call as root, else by fusermount3. What is wrong libfuse says on standard error.

        Raises OSError.
        """
        if _session_mount(self._session, os.fsencode(target)) != 0:
            raise OSError(errno.EPERM, "libfuse could not mount it", target)

    def serve(self, threads: int) -> None:
        """Until it is unmounted by whomever."""
        workers = [threading.Thread(target=self._serve_one, daemon=True) for _ in range(threads)]
        for one in workers:
            one.start()
        for one in workers:
            one.join()
        _session_unmount(self._session)
        _session_destroy(self._session)

    def _serve_one(self) -> None:
        buffer = _Buffer()
        while True:
            got = _receive(self._session, ctypes.byref(buffer))
            if got in (-errno.EINTR, -errno.EAGAIN, -errno.ENOENT):  # ENOENT: interrupted before it was read
                continue
            if got <= 0:
                return
            _process(self._session, ctypes.byref(buffer))


def _answering(method: Callable[..., None]) -> Callable[..., None]:
    def answer(request: Any, *arguments: Any) -> None:
        try:
            method(request, *arguments)
        except OSError as problem:
            _reply_err(request, problem.errno or errno.EIO)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            with contextlib.suppress(Exception):
                _reply_err(request, errno.EIO)

    return answer
