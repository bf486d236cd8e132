"""What one answer of a host may take of this process: memory and time."""

from __future__ import annotations

import contextlib
import resource
import signal
import sys
import time
from collections.abc import Iterator

import psutil

from fleet_controller.untrusted.unpack import Hostile

#: What one answer may take of our memory, in all its copies. Bytes.
ANSWER_MEMORY = 256 * 2**20
#: Where the end of our patience comes while nothing may be interrupted, it comes again after so many seconds.
_AGAIN = 5.0


class Silent(Exception):
    """A host has not answered in time."""


class _Over(BaseException):
    """Raised by the alarm, wherever this process is: nobody on the way takes it for an error of their own."""


@contextlib.contextmanager
def bounded_memory(most: int = ANSWER_MEMORY) -> Iterator[None]:
    """Whoever sends without end is ended here: raises Hostile, before this process takes ``most`` bytes more.

    The limit is this process's alone and ends with the block; children begun in it have it too. Linux only:
    macOS knows no such limit.
    """
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = psutil.Process().memory_info().vms + most
    known = [item for item in (soft, hard) if item != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([wanted, *known]), hard))
    try:
        yield
    except MemoryError:
        raise Hostile(f"its answer is longer than any ({most} bytes of memory)") from None
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Whoever does not answer is given up: raises Silent after so many seconds, and ends the children begun in it.

    By an alarm (setitimer(2)), because a connection waits in system calls that know no end: for the main thread alone.
    An earlier alarm of somebody else, such as that of a task's ``timeout``, comes first and stays theirs.
    """
    children = set(psutil.Process().children())
    theirs, began = signal.getitimer(signal.ITIMER_REAL)[0], time.monotonic()
    if 0 < theirs <= seconds:
        yield
        return
    handler = signal.signal(signal.SIGALRM, _on_alarm)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _Over:
        for child in set(psutil.Process().children()) - children:
            _end(child)
        raise Silent(f"it has not answered for {seconds:g} s") from None
    finally:
        signal.signal(signal.SIGALRM, handler)
        if theirs:
            signal.setitimer(signal.ITIMER_REAL, max(0.01, theirs - (time.monotonic() - began)))


def _on_alarm(_number: int, _frame: object) -> None:
    raise _Over


def _end(process: psutil.Process) -> None:
    """End a process that we started, and all below it: on this machine (a local host) they would go on for ever."""
    with contextlib.suppress(psutil.Error):
        process.suspend()  # while we look it begins nobody else
        below = process.children(recursive=True)
        for item in (process, *below):
            with contextlib.suppress(psutil.Error):
                item.kill()
