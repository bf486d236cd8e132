"""A relay between the bot and its exchange: it forwards everything, until a fault lets it answer itself.

The bot uses it from its first start, by the port that its profile takes from the companion; so a fault can begin and
end while the bot runs. When its behaviour changes, all connections are closed, as by a restarted server. Threads of
the arena's process serve it: nothing needs undoing. It belongs to the network of the thread that makes it
(network_namespaces(7): a thread starts in the namespace of its creator).
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

from fleet_stress.system.network.bad_answers import AT_ONCE, NOTHING_ASKED, Answer, Means, Request
from fleet_stress.system.network.certificates import GOOD, Certificates

#: With more connections at once, the newest is closed.
_MOST = 256
#: Seconds for a handshake, and for the next bytes of a request.
_HANDSHAKE_WITHIN, _REQUEST_WITHIN = 10.0, 30.0
#: Requests of which a tally remembers when they came.
_MOMENTS = 5000
#: Bytes.
_LARGEST_HEAD, _LARGEST_BODY, _PIECE = 65_536, 1_000_000, 65_536


class Tally:
    """What came in since the relay's last change."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.connections = 0
        #: Handshakes that the bot aborted; 0 without TLS.
        self.refused = 0
        self.requests = 0
        #: Requests that were passed on, and whose connection ended before an answer came.
        self.unanswered = 0
        #: The tally before, and how many were unanswered there when this one began.
        self._before: tuple[Tally, int] | None = None
        #: Requests that came before the time that the last answer named (Retry-After) was over.
        self.too_early = 0
        #: When the first and the last request came; time.monotonic().
        self.first = self.last = 0.0
        #: When each of the first thousands came.
        self.moments: list[float] = []
        #: The last failure to answer; a bot that goes away is none.
        self.trouble: str | None = None
        self._lock = threading.Lock()

    def connected(self, *, refused: bool = False) -> None:
        """A client connected, or aborted the handshake."""
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
            if len(self.moments) < _MOMENTS:
                self.moments.append(round(now, 3))

    def follow(self, before: Tally) -> None:
        """It begins where that one ends, with the breaking of all connections."""
        self._before = before, before.unanswered

    @property
    def broken_off(self) -> int:
        """Requests that were waiting for their answer when it began: they met the change as its first ones."""
        return self._before[0].unanswered - self._before[1] if self._before else 0

    def left_unanswered(self) -> None:
        """A connection has ended, and the last request on it had no answer."""
        with self._lock:
            self.unanswered += 1

    def summary(self) -> dict[str, Any]:
        """For the evidence: counts, and ``seconds``, for how long they were counted."""
        with self._lock:
            return {
                "connections": self.connections,
                "handshakes_refused": self.refused,
                "requests": self.requests,
                "broken_off": self.broken_off,
                "seconds": round(time.monotonic() - self.began, 3),
                "between_first_and_last": round(self.last - self.first, 3),
            }


class _Conduct(NamedTuple):
    """What the relay does, until the next change."""

    answer: Answer | None
    means: Means
    context: ssl.SSLContext | None
    tally: Tally


class Relay:
    """Listens until it is closed; it starts by forwarding."""

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
        """From now on answer like this instead of the exchange. Returns the tally before and the new one."""
        context = self._conduct.context
        return self._change(_Conduct(answer, means, context, Tally()))

    def pass_on(self, certificate: str = GOOD) -> tuple[Tally, Tally]:
        """From now on forward everything; with TLS, show this certificate."""
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
            conduct.tally.follow(before.tally)
            before.means.over.set()
            for connection in self._open:
                _break(connection)
        return before.tally, conduct.tally

    def _accept(self) -> None:
        while not self._closed:
            try:
                # With a timeout: some systems do not wake accept(2) when the socket is closed.
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
            pass  # it has gone, or what it sent is not HTTP
        finally:
            with self._lock:
                self._open.discard(connection)
                connection.close()

    def _secured(
        self, connection: socket.socket, conduct: _Conduct, context: ssl.SSLContext
    ) -> ssl.SSLSocket:
        """Wrap the connection in TLS; the plain one is unusable afterwards. Raises OSError."""
        connection.settimeout(_HANDSHAKE_WITHIN)
        with self._lock:
            self._open.discard(connection)
            secured = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            self._open.add(secured)
            if self._conduct is not conduct:
                _break(secured)
        return secured


def _break(connection: socket.socket) -> None:
    """Wake both sides. Not by the method of the TLS socket, which is in use."""
    with contextlib.suppress(OSError):  # it has gone by itself
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _greet(connection: socket.socket, tally: Tally) -> None:
    """The handshake. Raises OSError if it was aborted."""
    assert isinstance(connection, ssl.SSLSocket)
    try:
        connection.do_handshake()
    except (ssl.SSLError, ConnectionError):
        tally.connected(refused=True)
        raise


def _pass_on(connection: socket.socket, exchange: tuple[str, int], tally: Tally) -> None:
    """Forward in both directions until one side closes. Raises OSError."""
    connection.settimeout(None)
    answered = True
    try:
        with socket.create_connection(exchange, _HANDSHAKE_WITHIN) as real:
            real.settimeout(None)
            while True:
                ready, _, _ = select.select([connection, real], [], [])
                if real in ready:
                    piece = real.recv(_PIECE)
                    if not piece:
                        return
                    answered = True
                    connection.sendall(piece)
                if connection in ready:
                    piece = _received(connection)
                    if not piece:
                        return
                    if answered:
                        tally.asked()
                        answered = False
                    real.sendall(piece)
    finally:
        if not answered:
            tally.left_unanswered()


def _received(connection: socket.socket) -> bytes:
    """The received bytes; with TLS also decrypted ones, which select(2) does not report."""
    piece = connection.recv(_PIECE)
    while isinstance(connection, ssl.SSLSocket) and connection.pending():
        piece += connection.recv(_PIECE)
    return piece


def _answer(connection: socket.socket, answer: Answer, conduct: _Conduct) -> None:
    """One request, one answer. Raises OSError, ValueError."""
    connection.settimeout(_REQUEST_WITHIN)
    if answer in AT_ONCE:  # whatever the bot speaks: nothing is read
        conduct.tally.asked()
        answer(connection, NOTHING_ASKED, conduct.means)
        return
    request = _request(connection, "http" if conduct.context is None else "https")
    conduct.tally.asked(conduct.means.retry_after)
    try:
        answer(connection, request, conduct.means)
    except (http.client.HTTPException, ConnectionRefusedError) as problem:
        conduct.tally.trouble = f"the exchange itself: {type(problem).__name__}: {problem}"


def _request(connection: socket.socket, scheme: str) -> Request:
    """Read a request to its end, so that nothing is lost when we close (tcp(7)). Raises OSError, ValueError."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(_PIECE)
        if not piece or len(received) > _LARGEST_HEAD:
            raise ValueError("no request")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
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
