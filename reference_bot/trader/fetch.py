"""One HTTP GET that is over in time, whatever the other side does.

The time-out of ``http.client`` begins anew with every byte: a server that sends one byte a second holds it
for ever. Here one deadline covers looking a name up, connecting, asking and reading to the end. We speak
HTTP/1.0, in which the answer is all that comes until the other side closes.
"""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from typing import Any
from urllib.parse import urlsplit

#: An honest answer is far smaller. In bytes.
LARGEST = 100_000
#: So many looks at a name may be under way: of those that were left behind each ends at last.
_looking_up = threading.Semaphore(16)
_PORTS = {"http": 80, "https": 443}


def get(url: str, patience: float) -> bytes:
    """The body of the answer, within ``patience`` seconds, all in all.

    Raises OSError when there was no answer in time, ValueError when it is no answer to work with.
    """
    deadline = time.monotonic() + patience
    address, request = _request(url)
    with _connect(address, deadline) as plain, _secured(plain, url, deadline) as connection:
        connection.settimeout(_left(deadline))
        connection.sendall(request)
        answer = b""
        while len(answer) <= LARGEST:
            connection.settimeout(_left(deadline))
            piece = connection.recv(65536)
            if not piece:
                return _body(answer)
            answer += piece
    raise ValueError(f"the answer is larger than {LARGEST} bytes")


def _connect(address: tuple[str, int], deadline: float) -> socket.socket:
    """A connection to one of a name's addresses. Each gets its share of the time, so that all get their turn."""
    host, port = address
    found = _look_up(host, port, _left(deadline))
    problem: OSError = OSError(f"{host} has no address")
    for number, (family, kind, protocol, _, peer) in enumerate(found):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(_left(deadline) / (len(found) - number))
            connection.connect(peer)
        except OSError as failed:
            connection.close()
            problem = failed
        else:
            return connection
    raise problem


def _look_up(host: str, port: int, patience: float) -> list[Any]:
    """A name's addresses. The system takes as long as it likes, so it is asked in a thread that we can leave behind."""
    if not _looking_up.acquire(blocking=False):
        raise TimeoutError(f"{host}: too many names are being looked up already")
    found: list[Any] = []

    def ask() -> None:
        try:
            found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, ValueError) as problem:
            found.append(problem)
        finally:
            _looking_up.release()

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(patience)
    if not found:
        raise TimeoutError(f"{host} could not be looked up in time")
    if isinstance(found[0], Exception):
        raise found[0]
    addresses: list[Any] = found[0]
    return addresses


def _secured(connection: socket.socket, url: str, deadline: float) -> socket.socket:
    """By https: the same connection, once the other side has shown who it is. Raises OSError when it cannot."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return connection
    connection.settimeout(_left(deadline))
    return ssl.create_default_context().wrap_socket(connection, server_hostname=parts.hostname)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("no whole answer in time")
    return left


def _request(url: str) -> tuple[tuple[str, int], bytes]:
    """Whom to connect to, and what to ask: the server itself, or a proxy for the whole address."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError(f"EXCHANGE_URL must look like http://host:port, not {url!r}")
    peer, target = parts, parts.path or "/"
    proxy = _variable("http_proxy") if parts.scheme == "http" else ""
    exempt = [name.strip() for name in _variable("no_proxy").split(",")]
    if proxy and parts.hostname not in exempt and "*" not in exempt:
        peer, target = urlsplit(proxy if "://" in proxy else f"http://{proxy}"), url
    lines = (f"GET {target} HTTP/1.0", f"Host: {parts.netloc}", "Accept: application/json", "", "")
    return (peer.hostname or "", peer.port or _PORTS[peer.scheme]), "\r\n".join(lines).encode("ascii")


def _variable(name: str) -> str:
    return os.environ.get(name) or os.environ.get(name.upper()) or ""


def _body(answer: bytes) -> bytes:
    head, end_of_head, body = answer.partition(b"\r\n\r\n")
    status_line = head.split(b"\r\n")[0]
    if not end_of_head or not status_line.startswith(b"HTTP/"):
        raise ValueError(f"no HTTP answer: {answer[:40]!r}")
    if status_line.split()[1:2] != [b"200"]:
        raise ValueError(f"the answer is {status_line[:40]!r}")
    return body
