"""Output that nobody takes is dropped: a play does not end, or hang, with the reader of what it prints.

In ``ansible-playbook`` the thread that takes the workers' results also prints. An error of the pipe or the file that it
prints to (``make stress | head -3``, a log collector that died, a full disk) ends that thread, and ``ansible-playbook``
waits for it for ever.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from typing import Any, TextIO

_MARK = "_fleet_stress_drops"


def drop_what_nobody_takes(*streams: TextIO) -> None:
    """Let no write to these streams fail any more, and pass on each line as it is written; repeatable.

    Without arguments: standard output and standard error, also where a shell has closed them (``>&-``): Python has None
    for those. The objects stay: others hold them, and Ansible has put its lock around the methods of their buffers, as
    this does.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115  # to the end
    for stream in streams or (sys.stdout, sys.stderr):
        buffer: Any = getattr(stream, "buffer", None)
        if buffer is None or hasattr(buffer, _MARK):
            continue
        setattr(buffer, _MARK, True)
        buffer.write = _dropping(buffer.write)
        buffer.flush = _dropping(buffer.flush)
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a log that is followed shows each verdict when it is there
            reconfigure(line_buffering=True)


def _dropping(inner: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(inner)
    def outer(*data: Any) -> Any:
        try:
            return inner(*data)
        except OSError:
            return len(data[0]) if data else None

    return outer
