"""Becoming another user, for good or in a child process that ends at once; the same on every POSIX system."""

from __future__ import annotations

import errno
import os
from typing import Callable

from fleet_stress import system

__all__ = ["WELL", "as_user", "become"]

#: The result of an attempt that succeeded.
WELL = "well"


def become(uid: int, gid: int) -> None:
    """Make the calling process run as that user, for good; without root it keeps its own. Raises OSError.

    It can gain no rights by a set-id program either, where the system can see to that.
    """
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    system.forgo_new_privileges()


def as_user(uid: int, gid: int, attempt: Callable[[], None]) -> str:
    """``well``, or the name of the error (``EROFS``) that ``attempt`` raised (OSError) as that user.

    Without root the attempt runs as the caller's own user. The child does nothing else and runs no handlers.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        result = "?"
        try:
            become(uid, gid)
            attempt()
            result = WELL
        except OSError as problem:
            result = errno.errorcode.get(problem.errno or 0, str(problem.errno))
        finally:
            os.write(writing, result.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as stream:
        result = stream.read()
    os.waitpid(child, 0)
    return result
