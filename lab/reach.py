"""What ssh runs to reach a lab's host (``ProxyCommand`` with ``ProxyUseFdpass``): hands it a connected socket.

``python reach.py LAB_FOLDER NAME PORT``. The connection is made inside the lab's own network, where nothing leads
out. Run as a file, by any folder's ssh.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from lab import kernel, record

#: How long a host may take to answer, in seconds, where ssh was told nothing.
_WITHIN = 15.0
#: One attempt of several, in seconds.
_ONE_TRY = 5.0
#: A host whose link is coming up may be told to be out of reach for a moment.
_COMING_UP = (errno.EHOSTUNREACH, errno.ENETUNREACH)
_PAUSE = 0.1


def connect(folder: Path, name: str, port: int) -> socket.socket:
    """A connection to a host of a lab. Raises OSError; ValueError for a host that is not there."""
    lab = record.read(record.Folder(folder))
    if lab is None:
        raise ValueError(f"no lab in {folder}: `make lab` brings one up")
    host, _, identity = name.partition(".")
    if identity != lab["id"] or host not in lab["hosts"]:
        raise ValueError(
            f"{name} is no host of the lab in {folder}: is this the inventory of an earlier one?"
        )
    dead = ValueError(f"the lab in {folder} is dead: `make lab` brings it up again")
    try:
        descriptor = os.open(f"/proc/{lab['keeper']['pid']}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise dead from None
    if not record.alive(lab["keeper"]):  # only now: its pid may have become another's in between
        raise dead
    kernel.enter(descriptor, kernel.NEW_NET)
    deadline = time.monotonic() + _within()
    # Anew again and again: the kernel gives up after two minutes, and asks more and more rarely before.
    while True:
        left = max(0.1, deadline - time.monotonic())
        try:
            return socket.create_connection(
                (lab["hosts"][host]["address"], port), timeout=min(_ONE_TRY, left)
            )
        except OSError as problem:
            nobody_there = isinstance(problem, TimeoutError) or problem.errno in _COMING_UP
            if not nobody_there or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)


def _within() -> float:
    """The ``ConnectTimeout`` of ssh, which it keeps to itself while somebody else connects for it."""
    words = Path(f"/proc/{os.getppid()}/cmdline").read_text("utf-8", "replace")
    told = re.search(r"ConnectTimeout=(\d+)", words)
    return float(told[1]) if told else _WITHIN


def main() -> None:
    """Connect, and pass the socket to whoever is at the other end of our standard output."""
    folder, name, port = sys.argv[1:]
    try:
        connection = connect(Path(folder), name, int(port))
    except (OSError, ValueError) as problem:
        sys.exit(f"lab: {name}: {problem}")
    connection.setblocking(True)
    with socket.socket(fileno=os.dup(1)) as ssh:
        socket.send_fds(ssh, [b"\0"], [connection.fileno()])


if __name__ == "__main__":
    main()
