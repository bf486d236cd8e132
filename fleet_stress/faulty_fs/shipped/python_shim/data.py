"""Calls that read or write: how much, and in which pieces."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

from fleet_stress.faulty_fs.shipped.python_shim.call import Call
from fleet_stress.faulty_fs.shipped.python_shim.real import system
from fleet_stress.faulty_fs.shipped.python_shim.watched import Folders, Spot


class DataCall(Call):
    """A call that reads or writes; ``act`` does all of it."""

    __slots__ = ("_act",)

    def __init__(self, original: Any, folders: Folders, act: Callable[..., Any]) -> None:
        super().__init__(original, folders)
        self._act = act

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the function that it replaces."""
        spot = self._folders.of(args[0]) if args and isinstance(args[0], int) else None
        if spot is None or kwargs:
            return self._original(*args, **kwargs)
        return self._act(spot, self._original, *args)


def available(descriptor: int, limit: int, offset: int | None = None) -> int:
    """How many bytes there are to read, at most ``limit``, from an offset or from the descriptor's position."""
    try:
        at = system.lseek(descriptor, 0, os.SEEK_CUR) if offset is None else offset
        return max(0, min(limit, int(system.fstat(descriptor).st_size) - int(at)))
    except OSError:  # a pipe
        return 0


def bytes_of(data: Any) -> memoryview | None:
    """The bytes to write; None: it is not writable data, and the call itself says why."""
    try:
        return memoryview(data).cast("B")
    except (TypeError, ValueError, BufferError):
        return None


def reading(spot: Spot, original: Any, fd: int, length: Any, *rest: Any) -> Any:
    """read(2) and its like."""
    limit = length if isinstance(length, int) else sum(len(bytes_of(buffer) or b"") for buffer in length)
    size = available(fd, limit, rest[0] if rest else None)
    if size <= 0:
        return original(fd, length, *rest)
    with spot.watched.operation("read", [spot.path], size):
        return original(fd, length, *rest)


def writing(spot: Spot, original: Any, fd: int, data: Any, offset: int | None = None) -> Any:
    """write(2), pwrite(2)."""
    view = bytes_of(data)
    if not view:
        return original(fd, data, *(() if offset is None else (offset,)))
    with view:
        at = offset

        def put(piece: memoryview) -> int:
            nonlocal at
            done = int(original(fd, piece) if at is None else original(fd, piece, at))
            at = None if at is None else at + done
            return done

        return spot.watched.write(spot.path, view, put)


def writing_several(
    spot: Spot, original: Any, fd: int, buffers: Any, offset: int | None = None, flags: int = 0
) -> Any:
    """writev(2), pwritev(2)."""
    views = [bytes_of(buffer) for buffer in buffers]
    joined = b"" if None in views else b"".join(view for view in views if view is not None)
    at = offset

    def put(piece: memoryview) -> int:
        nonlocal at
        rest = () if at is None else (at, flags) if flags else (at,)
        done = int(original(fd, [piece], *rest))
        at = None if at is None else at + done
        return done

    with memoryview(joined) as view:
        return spot.watched.write(spot.path, view, put) if view else original(fd, buffers)


def sending(spot: Spot, original: Any, out: int, source: int, offset: Any, count: int, *rest: Any) -> Any:
    """sendfile(2), which copies files on Linux (shutil)."""
    size = available(source, count, offset)
    if size <= 0 or rest:
        return original(out, source, offset, count, *rest)
    with spot.watched.operation("write", [spot.path], size) as operation:
        done = original(out, source, offset, operation.most)
        operation.done(done)
        return done


class CopyRange(Call):
    """copy_file_range(2): its target is its second argument."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the function that it replaces."""
        spot = self._folders.of(args[1]) if len(args) > 2 and isinstance(args[1], int) else None
        size = (
            available(args[0], args[2], args[3] if len(args) > 3 else kwargs.get("offset_src")) if spot else 0
        )
        if spot is None or size <= 0:
            return self._original(*args, **kwargs)
        with spot.watched.operation("write", [spot.path], size) as operation:
            done = self._original(*args[:2], operation.most, *args[3:], **kwargs)
            operation.done(done)
            return done


class CopyFile(Call):
    """fcopyfile(3) of macOS, by which ``shutil`` copies there: all of a file at once."""

    __slots__ = ()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the function that it replaces."""
        spot = self._folders.of(args[1]) if len(args) > 1 and isinstance(args[1], int) else None
        if spot is None:
            return self._original(*args, **kwargs)
        with spot.watched.operation("write", [spot.path], available(args[0], sys.maxsize, 0)) as operation:
            done = self._original(*args, **kwargs)
            operation.done(operation.most)
            return done
