"""libfuse3's low-level interface (fuse_lowlevel.h), based on the library and structures that mfusepy loads.

mfusepy itself binds only the high-level interface, which identifies files by name. Import it only to serve a file
system: mfusepy raises OSError if there is no libfuse3.
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

os.environ["FUSE_LIBRARY_NAME"] = "fuse3"  # mfusepy would prefer libfuse 2
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
#: struct fuse_lowlevel_ops, in its order; None: an operation that we leave out and the kernel does without.
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
    # The kernel does both kinds of locks itself: all lockers are on this host.
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


#: How long the kernel may cache an answer, in seconds. Not at all: the engine also writes to the folder below (a
#: corrupted file, a filled volume), and a second name of a file must show what happened under the first.
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
    context = _req_ctx(request).contents
    return context.uid, context.gid, context.pid


def reply_none(request: Any) -> None:
    """Answer a forget."""
    _reply_none(request)


def reply_error(request: Any, number: int) -> None:
    """Answer with an errno; 0: success."""
    _reply_err(request, number)


def _entry(number: int, status: os.stat_result) -> Any:
    entry = _Entry(ino=number, attr_timeout=_CACHED, entry_timeout=_CACHED)
    _fill(entry.attr, status)
    return entry


def _fill(attr: Any, status: os.stat_result) -> None:
    for name in ("dev", "ino", "mode", "nlink", "uid", "gid", "rdev", "size", "blksize", "blocks"):
        setattr(attr, f"st_{name}", getattr(status, f"st_{name}"))
    for name in ("atime", "mtime", "ctime"):
        spec = getattr(attr, f"st_{name}spec")
        spec.tv_sec, spec.tv_nsec = divmod(getattr(status, f"st_{name}_ns"), 1_000_000_000)


def reply_entry(request: Any, number: int, status: os.stat_result) -> None:
    """Answer with a node, found or created."""
    _reply_entry(request, ctypes.byref(_entry(number, status)))


def reply_create(request: Any, number: int, status: os.stat_result, info: Any) -> bool:
    """Answer with a created and opened node. False: the caller was interrupted and will never close it."""
    return int(_reply_create(request, ctypes.byref(_entry(number, status)), info)) != -errno.ENOENT


def reply_open(request: Any, info: Any) -> bool:
    """Answer with an opened file or folder. False: the caller was interrupted and will never close it."""
    return int(_reply_open(request, info)) != -errno.ENOENT


def reply_attributes(request: Any, status: os.stat_result) -> None:
    """Answer with the result of stat(2)."""
    attr = Stat()
    _fill(attr, status)
    _reply_attr(request, ctypes.byref(attr), _CACHED)


def reply_link(request: Any, target: str) -> None:
    """Answer with the target of a symbolic link."""
    _reply_readlink(request, os.fsencode(target))


def reply_written(request: Any, count: int) -> None:
    """Answer with the number of bytes written."""
    _reply_write(request, count)


def reply_data(request: Any, data: bytes) -> None:
    """Answer with the data read."""
    _reply_buf(request, data, len(data))


def reply_volume(request: Any, seen: os.statvfs_result) -> None:
    """Answer with the result of statvfs(3)."""
    volume = StatVfs()
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
        setattr(volume, f"f_{name}", getattr(seen, f"f_{name}"))
    _reply_statfs(request, ctypes.byref(volume))


def reply_names(request: Any, names: Sequence[tuple[str, int, int]], offset: int, size: int) -> None:
    """Answer with names (name, inode, mode) of a folder from ``offset`` on, as many as fit into ``size`` bytes."""
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
    """Within it this thread has the rights of this process."""
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
    """From now on this thread has that user's rights to files (setfsuid(2)); for root only.

    New files belong to the caller, and a caller that gets us to follow a path gains nothing. The supplementary groups
    are ours, so none.
    """
    _acting.caller = uid, gid
    _libc.setfsgid(ctypes.c_uint32(gid))
    _libc.setfsuid(ctypes.c_uint32(uid))


def rename_by(old: int, name: str, new: int, to: str, flags: int) -> None:
    """renameat2(2): with RENAME_NOREPLACE or RENAME_EXCHANGE. Raises OSError."""
    _check(_libc.renameat2(old, os.fsencode(name), new, os.fsencode(to), ctypes.c_uint(flags)))


def fallocate(descriptor: int, mode: int, offset: int, length: int) -> None:
    """Allocate room, or punch a hole. Raises OSError."""
    _check(_libc.fallocate(descriptor, mode, ctypes.c_int64(offset), ctypes.c_int64(length)))


def change_owner(descriptor: int, uid: int, gid: int) -> None:
    """Change the owner of exactly this inode, even of a link (fchownat(2), AT_EMPTY_PATH). Raises OSError."""
    _check(_libc.fchownat(descriptor, b"", ctypes.c_uint32(uid), ctypes.c_uint32(gid), 0x1000 | 0x100))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


class Session:
    """One mounted file system, served by Python threads.

    ``operations`` has a method for each operation that is not left out, called with the request and its arguments. An
    OSError that it raises is its answer; any other exception is our bug: printed on standard error, answered by EIO.
    """

    def __init__(self, operations: object, options: Sequence[str]) -> None:
        """Raises OSError if libfuse does not accept the options."""
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
        """Mount it, by a system call as root, else by fusermount3. libfuse prints errors on standard error.

        Raises OSError.
        """
        if _session_mount(self._session, os.fsencode(target)) != 0:
            raise OSError(errno.EPERM, "libfuse could not mount it", target)

    def serve(self, threads: int) -> None:
        """Serve until it is unmounted."""
        workers = [threading.Thread(target=self._serve_one, daemon=True) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
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
