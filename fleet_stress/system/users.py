"""Being another user, for good or in a child process that ends at once; the same on every POSIX system."""

from __future__ import annotations

import errno
import os
from typing import Callable

__all__ = ["WELL", "as_user", "become"]

#: What is said of an attempt that went well.
WELL = "well"


def become(uid: int, gid: int) -> None:
    """The calling process is that user from now on; who is not root stays whoever they are. Raises OSError."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)


def as_user(uid: int, gid: int, attempt: Callable[[], None]) -> str:
    """``well``, or the name of the error (``EROFS``) that ``attempt`` raised (OSError) as that user.

    Who is not root does it as whoever they are. The child does nothing else and runs no handlers.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "?"
        try:
            become(uid, gid)
            attempt()
            said = WELL
        except OSError as problem:
            said = errno.errorcode.get(problem.errno or 0, str(problem.errno))
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="ascii") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said
