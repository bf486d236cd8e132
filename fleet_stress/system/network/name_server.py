"""A name server for an arena's private network: it knows the bot's hosts, until a fault lets it answer badly.

DNS over UDP and TCP (RFC 1035, RFC 7766) for addresses of both families; other queries get no answer. The TTL of every
answer is zero, so none is cached. Threads of the arena's process serve it, in the network of the thread that makes it;
nothing needs undoing.
"""

from __future__ import annotations

import contextlib
import heapq
import ipaddress
import select
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

PORT = 53
#: How it answers badly: the code of the answer (RFC 1035, section 4.1.1), or in another way.
_CODES = {"servfail": 2, "nxdomain": 3, "refused": 5}
HOWS = (*_CODES, "slow", "silent", "astray")
_NO_SUCH_NAME = 3
#: Unused addresses of the arena's network: packets to them go nowhere.
ASTRAY = ("192.0.2.254", "2001:db8::fe")
#: The types of queries that it answers, with the version of the address; and their class.
_TYPES, _INTERNET = {1: 4, 28: 6}, 1
_HEAD = struct.Struct(">HHHHHH")
#: Seconds between two checks whether it is closed, and for a TCP client to send something.
_LOOK, _CLIENT_WITHIN = 0.2, 10.0
#: The most delayed answers, and TCP clients at once.
_MOST_LATE, _MOST_CLIENTS = 4096, 64


class Question(NamedTuple):
    """A query: the name in lower case, the type, and its bytes."""

    number: int
    name: str
    type: int
    raw: bytes


class QueryCounts:
    """The queries since the server's last change."""

    def __init__(self) -> None:
        #: Queries by known name.
        self.names: dict[str, int] = {}
        self.others = 0

    def summary(self) -> dict[str, Any]:
        """For the evidence."""
        return {"queries": dict(self.names), "queries_for_others": self.others}

    @property
    def known(self) -> int:
        """Queries for known names."""
        return sum(self.names.values())


class NameServer:
    """Answers until it is closed."""

    def __init__(self, address: str, hosts: Mapping[str, Sequence[str]]) -> None:
        """Listen on an address; ``hosts`` has the addresses of each name. Raises OSError."""
        self._hosts = {name.rstrip(".").lower(): list(addresses) for name, addresses in hosts.items()}
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind((address, PORT))
        self._tcp = socket.create_server((address, PORT), backlog=64)
        self._how: str | None = None
        self._after = 0.0
        self.asked = QueryCounts()
        self._late: list[tuple[float, int, bytes, Any]] = []
        self._clients = threading.Semaphore(_MOST_CLIENTS)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="name-server", daemon=True)
        self._thread.start()

    def answer(self, how: str | None, after: float = 0.0) -> tuple[QueryCounts, QueryCounts]:
        """From now on answer like this (None: correctly), ``slow`` after so many seconds; old and new counts."""
        before, self.asked = self.asked, QueryCounts()
        self._how, self._after = how, after
        return before, self.asked

    def close(self) -> None:
        """Stop; repeatable."""
        self._over.set()
        self._thread.join()
        self._udp.close()
        self._tcp.close()

    def _serve(self) -> None:
        while not self._over.is_set():
            wait = min(_LOOK, max(0.0, self._late[0][0] - time.monotonic())) if self._late else _LOOK
            ready, _, _ = select.select([self._udp, self._tcp], [], [], wait)
            with contextlib.suppress(OSError):  # the client has gone
                if self._udp in ready:
                    self._hear()
                if self._tcp in ready:
                    self._welcome()
            while self._late and self._late[0][0] <= time.monotonic():
                _, _, answer, peer = heapq.heappop(self._late)
                with contextlib.suppress(OSError):
                    self._udp.sendto(answer, peer)

    def _hear(self) -> None:
        message, peer = self._udp.recvfrom(4096)
        answer, after = self._answered(message)
        if answer is None:
            return
        if not after:
            self._udp.sendto(answer, peer)
        elif len(self._late) < _MOST_LATE:
            heapq.heappush(self._late, (time.monotonic() + after, id(answer), answer, peer))

    def _welcome(self) -> None:
        client, _ = self._tcp.accept()
        if not self._clients.acquire(blocking=False):
            client.close()
            return
        threading.Thread(target=self._attend, args=(client,), name="name-server-tcp", daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        """Over TCP each message is preceded by its length."""
        try:
            with client, client.makefile("rb") as stream:
                client.settimeout(_CLIENT_WITHIN)
                while len(length := stream.read(2)) == 2:
                    answer, after = self._answered(stream.read(int.from_bytes(length, "big")))
                    if self._over.wait(after):
                        return
                    if answer is not None:
                        client.sendall(len(answer).to_bytes(2, "big") + answer)
        except OSError:
            pass  # it has gone, or sends nothing any more
        finally:
            self._clients.release()

    def _answered(self, message: bytes) -> tuple[bytes | None, float]:
        """The answer to a message (None: no answer), and its delay in seconds."""
        question = parse(message)
        if question is None:
            return None, 0.0
        known = self._hosts.get(question.name)
        if known is None:
            self.asked.others += 1
            return answer_to(question, _NO_SUCH_NAME), 0.0
        how, after = self._how, self._after
        self.asked.names[question.name] = self.asked.names.get(question.name, 0) + 1
        if how == "silent":
            return None, 0.0
        if how in _CODES:
            return answer_to(question, _CODES[how]), 0.0
        addresses = ASTRAY if how == "astray" else known
        return answer_to(question, 0, addresses), after if how == "slow" else 0.0


def parse(message: bytes) -> Question | None:
    """The query in a message; None: there is not exactly one valid query."""
    try:
        number, flags, questions, *_ = _HEAD.unpack_from(message)
        labels, at = [], _HEAD.size
        while message[at]:
            length = message[at]
            if length > 63:
                return None
            labels.append(message[at + 1 : at + 1 + length].decode("ascii").lower())
            at += 1 + length
        kind, of = struct.unpack_from(">HH", message, at + 1)
    except (struct.error, IndexError, UnicodeDecodeError):
        return None
    if questions != 1 or flags & 0x8000 or of != _INTERNET:
        return None
    return Question(number, ".".join(labels), kind, message[_HEAD.size : at + 5])


def answer_to(question: Question, code: int, addresses: Sequence[str] = ()) -> bytes:
    """An answer with those addresses that are of the requested type."""
    version = _TYPES.get(question.type)
    found = [address for address in map(ipaddress.ip_address, addresses) if address.version == version]
    records = b"".join(
        struct.pack(">HHHIH", 0xC00C, question.type, _INTERNET, 0, len(address.packed)) + address.packed
        for address in found
    )
    # Flags: answer, authoritative, recursion desired and available.
    return _HEAD.pack(question.number, 0x8580 | code, 1, len(found), 0, 0) + question.raw + records
