"""From the workers of ansible-playbook to the screen: how far each host is, while its task runs.

Nothing in Ansible streams a task's output (ansible/ansible#3887, ansible/proposals#92). A worker is forked by the
process that loaded the callback plugin, so it holds a socket that this one opened. Every message is a whole state
of one host: one that is lost costs nothing but a moment.
"""

from __future__ import annotations

import contextlib
import json
import socket

from fleet_controller.runs.progress import State

#: A state is far shorter. Bytes.
LONGEST = 65_536
#: A screen that does not read for so long is not waited for, in seconds.
_PATIENCE = 1.0
_ends: list[socket.socket] = []


def listen() -> socket.socket:
    """Begin to listen, before any worker is forked; ``heard`` reads from what this returns. Raises OSError."""
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    # macOS lets through no more than these buffers hold (unix(4)).
    for item in (mine, theirs):
        item.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * LONGEST)
        item.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * LONGEST)
    theirs.settimeout(_PATIENCE)
    _ends[:] = [theirs]
    return mine


def listened() -> bool:
    """Whether somebody draws a picture, so that lines of text are not needed."""
    return bool(_ends)


def tell(state: State) -> None:
    """Say how far a host is, to whoever listens."""
    # A screen that is gone or does not read may not hold up a run.
    with contextlib.suppress(OSError):
        for end in _ends:
            end.send(json.dumps(state._asdict()).encode())


def heard(mine: socket.socket, wait: float) -> State | None:
    """The next state; None where none comes for ``wait`` seconds. Raises OSError."""
    mine.settimeout(wait)
    try:
        return State.of(json.loads(mine.recv(LONGEST)))
    except TimeoutError:
        return None
