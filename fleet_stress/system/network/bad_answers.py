"""Bad answers of an exchange: one function for each, for one request over one connection.

Each answer is valid HTTP (RFC 9110, RFC 9112) and bounded in bytes; a slow one ends when either side closes the
connection. Connections are plain or TLS sockets with a timeout.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from typing import NamedTuple

#: More than any bot needs, and less than a host notices; all floods of one fault are at most ten of them. Bytes.
FLOOD = 100 * 1024 * 1024
MOST_FLOODED = 10 * FLOOD
#: Bytes between two checks of what a flood does to the bot; a divisor of FLOOD.
_PIECE = 1024 * 1024
#: Seconds between two bytes of ``trickle``, and their number: longer than any bot waits.
TRICKLE_EVERY, _TRICKLE = 1.0, 60_000
#: Seconds for the real exchange to answer, and the most bytes of its answer that are used.
_EXCHANGE_WITHIN, _LARGEST = 10.0, 10_000_000
#: Headers that are not forwarded to the exchange: half of a compressed answer would not be half JSON.
_OURS = (
    "accept-encoding",
    "connection",
    "keep-alive",
    "proxy-connection",
    "content-length",
    "transfer-encoding",
)


class Request(NamedTuple):
    """A bot's request: the words of its request line, its headers by lower-case name, its body."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    #: ``http`` or ``https``.
    scheme: str


#: In the place of a request that was not read.
NOTHING_ASKED = Request("", "", {}, b"", "")


class Means(NamedTuple):
    """What an answer may need: the address of the real exchange, and the fault's arguments."""

    exchange: tuple[str, int]
    #: Set when waiting should end.
    over: threading.Event
    #: Seconds, of Retry-After.
    retry_after: int = 1
    #: Called during a flood with the bytes just sent; False: stop.
    flooded: Callable[[int], bool] = bool


Answer = Callable[[socket.socket, Request, Means], None]


def too_many_requests(connection: socket.socket, request: Request, means: Means) -> None:
    """429 with Retry-After (RFC 6585, section 4)."""
    del request
    body = b'{"error": "too many requests"}'
    _send(connection, "429 Too Many Requests", body, {"Retry-After": str(means.retry_after)})


def server_error(connection: socket.socket, request: Request, means: Means) -> None:
    """500, with an HTML page instead of data."""
    del request, means
    body = b"<html><body><h1>500 Internal Server Error</h1></body></html>"
    _send(connection, "500 Internal Server Error", body, {"Content-Type": "text/html"})


def half_json(connection: socket.socket, request: Request, means: Means) -> None:
    """The first half of the exchange's real answer, as if it were complete. Raises OSError, HTTPException."""
    import http.client  # of one answer, and slow to load

    real = http.client.HTTPConnection(*means.exchange, timeout=_EXCHANGE_WITHIN)
    try:
        headers = {name: value for name, value in request.headers.items() if name not in _OURS}
        real.request(request.method, request.target, request.body or None, headers)
        whole = real.getresponse().read(_LARGEST)
    finally:
        real.close()
    _send(connection, "200 OK", half(whole))


def half(whole: bytes) -> bytes:
    """Its first half, or less if that is still JSON."""
    first = whole[: len(whole) // 2]
    while first and _is_json(first):
        first = first[:-1]
    return first


def redirects(connection: socket.socket, request: Request, means: Means) -> None:
    """302 to the same place under another URL: an endless loop without a repeated URL."""
    del means
    path, _, count = request.target.partition("?round=")
    number = int(count) + 1 if count.isascii() and count.isdigit() and len(count) < 10 else 1
    host = request.headers.get("host", "")
    there = f"{request.scheme}://{host}{path}?round={number}" if host else f"{path}?round={number}"
    _send(connection, "302 Found", b"", {"Location": there})


def flood(connection: socket.socket, request: Request, means: Means) -> None:
    """A body of 100 MB that is valid JSON only at its end."""
    del request
    _head(connection, "200 OK", FLOOD)
    for number in range(FLOOD // _PIECE):
        piece = bytearray(b" " * _PIECE)
        if number == 0:
            piece[:1] = b"["
        if number == FLOOD // _PIECE - 1:
            piece[-1:] = b"]"
        connection.sendall(piece)
        if not means.flooded(_PIECE):
            return


def trickle(connection: socket.socket, request: Request, means: Means) -> None:
    """A body of one byte a second: a timeout per read never expires."""
    del request
    _head(connection, "200 OK", _TRICKLE)
    while not means.over.wait(TRICKLE_EVERY):
        connection.sendall(b" ")


def hang_up(connection: socket.socket, request: Request, means: Means) -> None:
    """No answer at all: closing the connection resets it (SO_LINGER of no seconds, socket(7))."""
    del request, means
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


ANSWERS: dict[str, Answer] = {
    "too_many_requests": too_many_requests,
    "server_error": server_error,
    "half_json": half_json,
    "redirects": redirects,
    "flood": flood,
    "trickle": trickle,
    "hang_up": hang_up,
}
#: They wait for no request, so that they hit a bot that speaks anything but HTTP as well.
AT_ONCE = (hang_up,)


def _send(connection: socket.socket, status: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
    _head(connection, status, len(body), more)
    connection.sendall(body)


def _head(connection: socket.socket, status: str, length: int, more: Mapping[str, str] | None = None) -> None:
    fields = {"Content-Type": "application/json", "Content-Length": str(length), "Connection": "close"}
    lines = [
        f"HTTP/1.1 {status}",
        *(f"{name}: {value}" for name, value in {**fields, **(more or {})}.items()),
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1", "replace"))


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
