"""A listener that answers every client in one way: the stub outside a private network, and dead proxies.

It is a thread of the arena's process and dies with it; the kernel closes its sockets.
"""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
import time
from collections.abc import Iterable
from typing import Any

#: What it answers once the client has sent something, by the kind of answer.
ANSWERS: dict[str, bytes] = {
    "close": b"",
    "silent": b"",
    "bad_gateway": b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "unavailable": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    "garbage": random.Random(4).randbytes(512),
    # It never leaves a header line, so no client can use what has come, and it outlasts every client.
    "drip": b"HTTP/1.1 200 OK\r\nX-Pad: " + b"a" * 60_000,
}
#: Seconds between two bytes of ``drip``.
DRIP_EVERY = 1.0
#: With more connections at once, the oldest is closed.
_MOST = 256
_LOOK = 0.2


class Listener:
    """Accepts on some listening sockets until it is closed. ``connections`` counts."""

    def __init__(self, sockets: Iterable[socket.socket], how: str) -> None:
        self.connections = 0
        self._how, self._answer = how, ANSWERS[how]
        self._open: dict[socket.socket, tuple[int, float]] = {}
        self._sockets = list(sockets)
        self._selector = selectors.DefaultSelector()
        for listening in self._sockets:
            listening.setblocking(False)
            self._selector.register(listening, selectors.EVENT_READ, self._accept)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"listener-{how}", daemon=True)
        self._thread.start()

    @property
    def ports(self) -> list[int]:
        """The ports on which it listens."""
        return [int(listening.getsockname()[1]) for listening in self._sockets]

    def close(self) -> None:
        """Stop, and close all connections; repeatable."""
        self._closing.set()
        self._thread.join()
        for each in (*self._open, *self._sockets):
            each.close()
        self._open.clear()
        self._selector.close()

    def _serve(self) -> None:
        while not self._closing.is_set():
            for key, _ in self._selector.select(_LOOK):
                with contextlib.suppress(OSError):
                    key.data(key.fileobj)
            if self._how == "drip":
                self._drip()

    def _accept(self, listening: Any) -> None:
        connection, _ = listening.accept()
        self.connections += 1
        connection.setblocking(False)
        if self._how == "close":
            connection.close()
            return
        if len(self._open) >= _MOST:
            self._drop(next(iter(self._open)))
        self._open[connection] = (0, 0.0)
        self._selector.register(connection, selectors.EVENT_READ, self._hear)

    def _hear(self, connection: Any) -> None:
        """The client sent something, whatever it is, or has gone."""
        try:
            received = connection.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._drop(connection)
        elif self._how == "drip":
            sent, due = self._open[connection]
            self._open[connection] = (sent, due or time.monotonic())
        elif self._answer:
            with contextlib.suppress(OSError):
                connection.send(self._answer)
                connection.shutdown(socket.SHUT_WR)

    def _drip(self) -> None:
        now = time.monotonic()
        for connection, (sent, due) in list(self._open.items()):
            if due and now >= due:
                try:
                    connection.send(self._answer[sent : sent + 1])
                except OSError:
                    self._drop(connection)
                else:
                    self._open[connection] = (sent + 1, now + DRIP_EVERY)

    def _drop(self, connection: socket.socket) -> None:
        self._open.pop(connection, None)
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()
