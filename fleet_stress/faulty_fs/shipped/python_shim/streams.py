"""The replacement of ``open``, and the raw file that it puts below Python's own buffers and text."""

from __future__ import annotations

import _io
import _warnings
import builtins
import io
import os
import sys
from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim import real
from fleet_stress.faulty_fs.shipped.python_shim.call import Call
from fleet_stress.faulty_fs.shipped.python_shim.data import available, bytes_of
from fleet_stress.faulty_fs.shipped.python_shim.names import empties, opening
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders, Spot, add_names

_FLAGS = {
    "r": 0,
    "w": os.O_CREAT | os.O_TRUNC,
    "x": os.O_CREAT | os.O_EXCL,
    "a": os.O_CREAT | os.O_APPEND,
}
#: Buffers of Python 3.14 and later are no larger than this, and no smaller than the default.
_LARGEST = 8192 * 1024


class FileIO(real.FileIO):
    """A raw file whose reads and writes go through the rules. Buffers above it see what a kernel would answer."""

    __slots__ = ("_folders", "_owed")

    def __init__(self, folders: Folders, file: Any, mode: str, closefd: bool, opener: Any) -> None:
        self._folders = folders
        #: What was written when a signal handler raised and the caller was not told: a buffer would write it twice.
        self._owed = b""
        spot = None if opener or isinstance(file, int) else folders.at(file)
        flags = os.O_RDWR if "+" in mode else os.O_RDONLY if "r" in mode else os.O_WRONLY
        flags |= _FLAGS[mode.strip("+")]
        name = opening(spot, flags) if spot else None
        if spot is None or name is None:
            super().__init__(file, mode, closefd, opener)
            return
        by_rule = True
        try:
            with spot.watched.operation(name, [spot.path]) as operation:
                if empties(name, flags):
                    operation.truncates()
                by_rule = False
                super().__init__(file, mode, closefd, opener)
        except OSError as problem:
            if by_rule:
                add_names(problem, file)
            raise

    def __repr__(self) -> str:
        if self.closed:
            return "<_io.FileIO [closed]>"
        name = getattr(self, "name", None)
        shown = f"name={name!r}" if name is not None else f"fd={self.fileno()}"
        return f"<_io.FileIO {shown} mode={self.mode!r} closefd={self.closefd}>"

    def _spot(self) -> Spot | None:
        return self._folders.of(self.fileno())

    def write(self, data: Any, /) -> Any:
        """Write all of it or less; None: not now (EAGAIN), as the built-in one says."""
        spot = self._spot() if self.writable() else None
        view = bytes_of(data) if spot else None
        if spot is None or not view:
            return super().write(data)
        owed, self._owed = self._owed, b""
        if owed and view[: len(owed)] == owed:
            return len(owed)
        began = self.tell()
        try:
            return spot.watched.write(
                spot.path, view, super().write
            )  # nothing may come between this and its end
        except BlockingIOError:
            return None
        except OSError:
            raise
        except BaseException:  # a signal handler raised: a caller that writes the same again is answered
            self._owed = bytes(view[: max(0, self.tell() - began)])
            raise

    def _around_reading(self, limit: int, read: Any) -> Any:
        spot = self._spot() if self.readable() else None
        size = available(self.fileno(), limit) if spot else 0
        if spot is None or size <= 0:
            return read()
        try:
            with spot.watched.operation("read", [spot.path], size):
                return read()
        except BlockingIOError:
            return None

    def readinto(self, buffer: Any, /) -> Any:
        """Read into a buffer."""
        wanted = memoryview(buffer).nbytes
        return self._around_reading(wanted, lambda: super(FileIO, self).readinto(buffer))

    def read(self, size: Any = -1, /) -> Any:
        """So many bytes, or all."""
        wanted = size if isinstance(size, int) and size >= 0 else sys.maxsize
        if wanted == sys.maxsize:
            return self.readall()
        return self._around_reading(wanted, lambda: super(FileIO, self).read(size))

    def readall(self) -> Any:
        """All bytes."""
        return self._around_reading(sys.maxsize, super().readall)

    def truncate(self, size: Any = None, /) -> Any:
        """To a size, or to the current position."""
        spot = self._spot() if self.writable() else None
        if spot is None:
            return super().truncate(size)
        length = self.tell() if size is None else size
        with spot.watched.operation("truncate", [spot.path], length if isinstance(length, int) else 0):
            return super().truncate(size)


FileIO.__module__, FileIO.__qualname__ = "_io", "FileIO"


class Open(Call):
    """Replaces ``open``; calls that are not about our folders go to the built-in one."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the built-in one."""
        try:
            arguments = _bound(*args, **kwargs)
        except TypeError:
            arguments = None
        if arguments is None or not self._ours(arguments):
            return self._original(*args, **kwargs)
        return _opened(self._folders, *arguments)

    def _ours(self, arguments: tuple[Any, ...]) -> bool:
        file, opener = arguments[0], arguments[7]
        if opener is not None:
            return True  # only the opened file shows where it leads
        spot = self._folders.of(file) if isinstance(file, int) else self._folders.at(file)
        return spot is not None


def _bound(
    file: Any,
    mode: Any = "r",
    buffering: Any = -1,
    encoding: Any = None,
    errors: Any = None,
    newline: Any = None,
    closefd: Any = True,
    opener: Any = None,
) -> tuple[Any, ...] | None:
    """The arguments by position; None where the built-in one would complain or warn about one of them."""
    if not isinstance(mode, str) or not isinstance(buffering, int) or len(set(mode)) != len(mode):
        return None
    binary = "b" in mode
    if (
        not set(mode) <= set("rwxabt+")
        or sum(letter in mode for letter in "rwxa") != 1
        or (binary and "t" in mode)
    ):
        return None
    if binary and not (encoding is errors is newline is None):
        return None
    if not binary and (buffering == 0 or newline not in (None, "", "\n", "\r", "\r\n")):
        return None
    if not all(word is None or isinstance(word, str) for word in (encoding, errors)):
        return None
    if not isinstance(file, int):
        file = os.fspath(file)
        if not closefd:
            return None
    return file, mode, buffering, encoding, errors, newline, bool(closefd), opener


def _opened(
    folders: Folders,
    file: Any,
    mode: str,
    buffering: int,
    encoding: Any,
    errors: Any,
    newline: Any,
    closefd: bool,
    opener: Any,
) -> Any:
    """Stacks the layers as ``open`` does (Modules/_io/_iomodule.c)."""
    binary, line_buffering = "b" in mode, False
    result: Any = FileIO(folders, file, mode.replace("t", "").replace("b", ""), closefd, opener)
    try:
        if buffering == 1 and binary:
            _warnings.warn(
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used",
                RuntimeWarning,
                3,
            )
        if buffering == 1 or (buffering < 0 and result.isatty()):
            buffering, line_buffering = -1, True
        if buffering < 0:
            buffering = result._blksize
            if sys.version_info >= (3, 14):
                buffering = max(min(buffering, _LARGEST), io.DEFAULT_BUFFER_SIZE)
        if buffering == 0:
            return result
        kind = (
            _io.BufferedRandom if "+" in mode else _io.BufferedReader if "r" in mode else _io.BufferedWriter
        )
        result = kind(result, buffering)
        if binary:
            return result
        if encoding is None and getattr(sys.flags, "warn_default_encoding", False):
            _warnings.warn("'encoding' argument not specified", builtins.EncodingWarning, 3)
            encoding = "utf-8" if sys.flags.utf8_mode else "locale"
        result = _io.TextIOWrapper(result, encoding, errors, newline, line_buffering)
        result.mode = mode
    except BaseException:
        result.close()
        raise
    return result
