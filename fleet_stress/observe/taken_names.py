"""What a bot takes of the network that it is in: ports on which it is reached, and abstract sockets (unix(7)).

Another program in the same network cannot take the same.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator

import psutil


def taken_by(processes: Iterable[psutil.Process]) -> set[str]:
    """As words: ``tcp port 8080``, ``udp port 5353``, ``abstract socket bot.lock``. Who has ended has none."""
    return {name for process in processes for name in _names(process)}


def _names(process: psutil.Process) -> Iterator[str]:
    try:
        opened = process.net_connections(kind="all")
    except psutil.Error:
        return
    for one in opened:
        if one.family == socket.AF_UNIX:
            if str(one.laddr).startswith("@"):
                yield f"abstract socket {one.laddr[1:]}"
        elif one.laddr and not one.raddr:
            if one.type == socket.SOCK_DGRAM:
                yield f"udp port {one.laddr.port}"
            elif one.status == psutil.CONN_LISTEN:
                yield f"tcp port {one.laddr.port}"
