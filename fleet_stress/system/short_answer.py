"""What a program that is the bot's says: its beginning, within a time, whoever else holds its output open."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time

__all__ = ["of"]

#: Bytes that are kept of its output, and of its errors; what comes after them is read and dropped.
MOST = 1 << 20
_LOOK_EVERY = 0.05


def of(started: subprocess.Popen[bytes], within: float) -> tuple[bytes, bytes] | None:
    """The beginnings of output and errors when it ends; None: it did not in so many seconds. Then it is gone.

    Not ``communicate``: that keeps all that a stranger says, and waits for whoever has inherited the pipes.
    """
    pipes = [pipe for pipe in (started.stdout, started.stderr) if pipe is not None]
    kept = {pipe.fileno(): b"" for pipe in pipes}
    deadline = time.monotonic() + within
    try:
        with selectors.DefaultSelector() as selector:
            for descriptor in kept:
                os.set_blocking(descriptor, False)
                selector.register(descriptor, selectors.EVENT_READ)
            while True:
                ended = started.poll() is not None
                ready = selector.select(0 if ended else _LOOK_EVERY)
                for key, _ in ready:
                    data = os.read(key.fd, 1 << 16)
                    kept[key.fd] = (kept[key.fd] + data)[:MOST]
                    if not data:
                        selector.unregister(key.fd)
                if ended and not ready:
                    break
                if time.monotonic() > deadline:
                    return None
                if not selector.get_map() and not ended:
                    time.sleep(_LOOK_EVERY)
    finally:
        with contextlib.suppress(ProcessLookupError):
            started.kill()
        started.wait()
        for pipe in pipes:
            pipe.close()
    said = iter(kept.values())
    out = next(said) if started.stdout is not None else b""
    return out, next(said, b"")
