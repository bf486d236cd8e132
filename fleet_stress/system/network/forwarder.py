"""Forwards connections to programs that listen on loopback, so that they are reached by every address beside it.

A companion may listen on IPv4 alone, or on 127.0.0.1 alone, and the bot on the other side of a cable looks its host up
by both families. What listens is told by ``system.listening_ports``; at each address
where nobody accepts yet, a socket of ours does. Threads of the arena's process serve it and stay in the network of the
thread that starts them (network_namespaces(7)): nothing needs undoing.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterable

#: With more connections at once, the newest is closed.
_MOST = 1024
#: Seconds to connect to a program that listens on this machine.
_CONNECT_WITHIN = 10.0
_LOOK = 0.2
_PIECE = 65_536


class Forwarder:
    """Accepts until it is closed."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        #: Address and port of each socket of ours.
        self.taken: list[tuple[str, int]] = []

    def lead(self, addresses: Iterable[str], port: int, family: str) -> None:
        """Accept on the port at each address where nobody does; lead to the same port of loopback, by that family.

        In the caller's network.
        """
        to = ("127.0.0.1" if family == "4" else "::1", port)
        for address in addresses:
            of = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                accepting = socket.create_server((address, port), family=of, backlog=64)
            except OSError:  # the program itself listens there
                continue
            accepting.setblocking(False)
            self.taken.append((address, port))
            self._selector.register(accepting, selectors.EVENT_READ, to)
        if self._thread is None and self.taken:
            self._thread = threading.Thread(target=self._accept, name="forwarder", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and close all connections; repeatable."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        for key in list((self._selector.get_map() or {}).values()):
            self._selector.unregister(key.fileobj)
            key.fileobj.close()  # type: ignore[union-attr]
        self._selector.close()
        with self._lock:
            for each in self._open:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            for key, _ in self._selector.select(_LOOK):
                with contextlib.suppress(OSError):
                    connection, _ = key.fileobj.accept()  # type: ignore[union-attr]
                    with self._lock:
                        full = len(self._open) >= 2 * _MOST
                    if full:
                        connection.close()
                    else:
                        self._start(self._join, connection, key.data)

    def _join(self, connection: socket.socket, to: tuple[str, int]) -> None:
        """Both directions of one connection, until each has been closed by who sends in it."""
        with connection:
            try:
                beyond = socket.create_connection(to, _CONNECT_WITHIN)
            except OSError:  # the program has ended: so do its connections
                return
            with beyond:
                for each in (connection, beyond):
                    each.settimeout(None)
                with self._lock:
                    self._open |= {connection, beyond}
                back = self._start(_pump, beyond, connection)
                _pump(connection, beyond)
                back.join()
                with self._lock:
                    self._open -= {connection, beyond}

    @staticmethod
    def _start(target: object, *arguments: object) -> threading.Thread:
        started = threading.Thread(target=target, args=arguments, name="forwarder-connection", daemon=True)  # type: ignore[arg-type]
        started.start()
        return started


def _pump(sender: socket.socket, receiver: socket.socket) -> None:
    """Forward until the sender has sent all; the receiver is told, and may go on answering."""
    try:
        while piece := sender.recv(_PIECE):
            receiver.sendall(piece)
        receiver.shutdown(socket.SHUT_WR)
    except OSError:  # one of them is gone: so is the connection
        for each in (sender, receiver):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
