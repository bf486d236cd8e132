"""A relay of ours between the bot and its exchange: passes all on, until a fault lets it answer in its stead.

The bot is led to it from its first start on, by the port that its profile takes from the companion; so a fault begins
and ends under a bot that runs. When what it does changes all connections are closed, as by a server that is started
anew: none is kept from better days. Threads of the arena's process serve it: nothing needs undoing. It belongs to the
network of the thread that makes it (network_namespaces(7): threads begin in that of whoever starts them).
"""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import ssl
import threading
import time
from typing import Any, NamedTuple

from fleet_stress.system.network.bad_answers import Answer, Means, Request
from fleet_stress.system.network.certificates import GOOD, Certificates

#: More connections at once than this, and the newest is closed unheard.
_MOST = 256
#: Seconds: for a handshake, and for the next bytes of a request that has begun.
_HANDSHAKE_WITHIN, _REQUEST_WITHIN = 10.0, 30.0
#: Bytes.
_LARGEST_HEAD, _LARGEST_BODY, _PIECE = 65_536, 1_000_000, 65_536


class Tally:
    """What came in since the relay does what it does."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.connections = 0
        #: Handshakes that the bot broke off; 0 without TLS.
        self.refused = 0
        self.requests = 0
        #: Requests that came before the time that the last answer named (Retry-After) was over.
        self.too_early = 0
        #: When the first request and the last one came; time.monotonic().
        self.first = self.last = 0.0
        #: What kept an answer from being given, last of all; the bot's going away is none.
        self.trouble: str | None = None
        self._lock = threading.Lock()

    def connected(self, *, refused: bool = False) -> None:
        """Somebody connected, or broke the handshake off."""
        with self._lock:
            self.refused += refused
            self.connections += not refused

    def asked(self, retry_after: int = 0) -> None:
        """A request came."""
        now = time.monotonic()
        with self._lock:
            self.too_early += bool(self.requests and now < self.last + retry_after)
            self.requests += 1
            self.first, self.last = self.first or now, now

    def summary(self) -> dict[str, Any]:
        """For the evidence: counts, and ``seconds``, how long they have been counted."""
        with self._lock:
            return {
                "connections": self.connections,
                "handshakes_refused": self.refused,
                "requests": self.requests,
                "seconds": round(time.monotonic() - self.began, 3),
                "between_first_and_last": round(self.last - self.first, 3),
            }


class _Conduct(NamedTuple):
    """What the relay does, from one change to the next."""

    answer: Answer | None
    means: Means
    context: ssl.SSLContext | None
    tally: Tally


class Relay:
    """Listens from its making until it is closed; begins by passing on."""

    def __init__(self, host: str, exchange: int, certificates: Certificates | None = None) -> None:
        """Listen on a free port of ``host``; the exchange is on a port of loopback. Raises OSError."""
        self._exchange = ("127.0.0.1", exchange)
        self._certificates = certificates
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        both = family == socket.AF_INET6
        self._listening = socket.create_server((host, 0), family=family, dualstack_ipv6=both, backlog=64)
        self.port = int(self._listening.getsockname()[1])
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closed = False
        self._conduct = self._passing(GOOD)
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)
        self._thread.start()

    @property
    def means(self) -> Means:
        """What an answer needs, for ``answer``."""
        return Means(self._exchange, threading.Event())

    def answer(self, answer: Answer, means: Means) -> tuple[Tally, Tally]:
        """From now on answer so in the exchange's stead. What was counted before, and what will be."""
        context = self._conduct.context
        return self._change(_Conduct(answer, means, context, Tally()))

    def pass_on(self, certificate: str = GOOD) -> tuple[Tally, Tally]:
        """From now on pass everything on; where there is TLS, show this certificate."""
        return self._change(self._passing(certificate))

    def close(self) -> None:
        """Stop, and close all connections; repeatable."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._change(self._passing(GOOD))
        self._thread.join()

    def _passing(self, certificate: str) -> _Conduct:
        context = self._certificates.contexts[certificate] if self._certificates else None
        return _Conduct(None, self.means, context, Tally())

    def _change(self, conduct: _Conduct) -> tuple[Tally, Tally]:
        with self._lock:
            before, self._conduct = self._conduct, conduct
            before.means.over.set()
            for one in self._open:
                _break(one)
        return before.tally, conduct.tally

    def _accept(self) -> None:
        while not self._closed:
            try:
                # With a time-out: where a system does not wake whoever accepts when the socket is closed.
                if not select.select([self._listening], [], [], 0.5)[0]:
                    continue
                connection, _ = self._listening.accept()
            except (OSError, ValueError):  # closed, or there are no descriptors left
                time.sleep(0.05)
                continue
            with self._lock:
                if len(self._open) >= _MOST:
                    connection.close()
                    continue
                self._open.add(connection)
                conduct = self._conduct
            threading.Thread(
                target=self._serve, args=(connection, conduct), name="relay-connection", daemon=True
            ).start()

    def _serve(self, connection: socket.socket, conduct: _Conduct) -> None:
        try:
            if conduct.context is not None:
                connection = self._secured(connection, conduct, conduct.context)
                _greet(connection, conduct.tally)
            conduct.tally.connected()
            if conduct.answer is None:
                _pass_on(connection, self._exchange, conduct.tally)
            else:
                _answer(connection, conduct.answer, conduct)
        except (OSError, ValueError):
            pass  # it has gone, or what it said is no HTTP
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()

    def _secured(
        self, connection: socket.socket, conduct: _Conduct, context: ssl.SSLContext
    ) -> ssl.SSLSocket:
        """The same connection with TLS over it; what it was before is of no use any more. Raises OSError."""
        connection.settimeout(_HANDSHAKE_WITHIN)
        with self._lock:
            self._open.discard(connection)
            secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self._open.add(secured)
            if self._conduct is not conduct:
                _break(secured)
        return secured


def _break(connection: socket.socket) -> None:
    """Whoever waits for it, on either side, waits no longer. Not by the method of a TLS socket: it is in use."""
    with contextlib.suppress(OSError):  # it has gone by itself
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _greet(connection: socket.socket, tally: Tally) -> None:
    """The handshake. Raises OSError: it was broken off."""
    assert isinstance(connection, ssl.SSLSocket)
    try:
        connection.do_handshake()
    except (ssl.SSLError, ConnectionError):
        tally.connected(refused=True)
        raise


def _pass_on(connection: socket.socket, exchange: tuple[str, int], tally: Tally) -> None:
    """To the exchange and back, until one side has said all. Raises OSError."""
    connection.settimeout(None)
    with socket.create_connection(exchange, _HANDSHAKE_WITHIN) as real:
        real.settimeout(None)
        answered = True
        while True:
            ready, _, _ = select.select([connection, real], [], [])
            if real in ready:
                piece, answered = real.recv(_PIECE), True
                if not piece:
                    return
                connection.sendall(piece)
            if connection in ready:
                piece = _received(connection)
                if not piece:
                    return
                if answered:
                    tally.asked()
                    answered = False
                real.sendall(piece)


def _received(connection: socket.socket) -> bytes:
    """What is there; of TLS also what has been unpacked already and no select(2) would tell of."""
    piece = connection.recv(_PIECE)
    while isinstance(connection, ssl.SSLSocket) and connection.pending():
        piece += connection.recv(_PIECE)
    return piece


def _answer(connection: socket.socket, answer: Answer, conduct: _Conduct) -> None:
    """One request, one answer. Raises OSError, ValueError."""
    connection.settimeout(_REQUEST_WITHIN)
    request = _request(connection, "http" if conduct.context is None else "https")
    conduct.tally.asked(conduct.means.retry_after)
    try:
        answer(connection, request, conduct.means)
    except (http.client.HTTPException, ConnectionRefusedError) as problem:
        conduct.tally.trouble = f"the exchange itself: {type(problem).__name__}: {problem}"


def _request(connection: socket.socket, scheme: str) -> Request:
    """Read a request to its end, so that none is lost when we close (tcp(7)). Raises OSError, ValueError."""
    said = b""
    while b"\r\n\r\n" not in said:
        piece = connection.recv(_PIECE)
        if not piece or len(said) > _LARGEST_HEAD:
            raise ValueError("no request")
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3:
        raise ValueError(f"no request line: {first[:80]!r}")
    fields = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    length = min(int(headers.get("content-length", "0")), _LARGEST_BODY)
    while len(body) < length:
        piece = connection.recv(_PIECE)
        if not piece:
            break
        body += piece
    return Request(words[0], words[1], headers, body, scheme)
