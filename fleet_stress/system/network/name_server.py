"""A name server of ours for a network of an arena's own: knows the bot's hosts, until a fault lets it answer badly.

DNS over UDP and TCP (RFC 1035, RFC 7766) for addresses of both families; whatever else is asked has no answer. Every
answer is good for no time at all, so nobody keeps one. Threads of the arena's process serve it, in the network of the
thread that makes it; nothing needs undoing.
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
#: Addresses of the arena's network that nobody has: packets to them go nowhere.
ASTRAY = ("192.0.2.254", "2001:db8::fe")
#: Types and the class of questions that it knows, by the version of the address.
_TYPES, _INTERNET = {1: 4, 28: 6}, 1
_HEAD = struct.Struct(">HHHHHH")
#: Seconds: between two looks whether it is over, and for a client over TCP to say something.
_LOOK, _CLIENT_WITHIN = 0.2, 10.0
#: Late answers that are kept at most, and clients over TCP at once.
_MOST_LATE, _MOST_CLIENTS = 4096, 64


class Question(NamedTuple):
    """What is asked: a name in small letters, a type, and the bytes that ask it."""

    number: int
    name: str
    type: int
    raw: bytes


class QueryCounts:
    """What was asked since the server answers as it does."""

    def __init__(self) -> None:
        #: How often, by those names that it knows.
        self.names: dict[str, int] = {}
        self.others = 0

    def summary(self) -> dict[str, Any]:
        """For the evidence."""
        return {"queries": dict(self.names), "queries_for_others": self.others}

    @property
    def known(self) -> int:
        """How often it was asked for names that it knows."""
        return sum(self.names.values())


class NameServer:
    """Answers from its making until it is closed."""

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
        """From now on answer so (None: well), ``slow`` after so many seconds. What was asked before, and will be."""
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
            with contextlib.suppress(OSError):  # whoever asked has gone
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
        """Over TCP each message has its length before it."""
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
            pass  # it has gone, or says nothing any more
        finally:
            self._clients.release()

    def _answered(self, message: bytes) -> tuple[bytes | None, float]:
        """The answer to a message, None for none, and how late it comes."""
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
    """The question in a message; None where there is not just one that can be read."""
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
    """A message that answers it: those of the addresses that are of the type that was asked for."""
    version = _TYPES.get(question.type)
    found = [one for one in map(ipaddress.ip_address, addresses) if one.version == version]
    records = b"".join(
        struct.pack(">HHHIH", 0xC00C, question.type, _INTERNET, 0, len(one.packed)) + one.packed
        for one in found
    )
    # An answer; of an authority; recursion was wanted and is to be had.
    return _HEAD.pack(question.number, 0x8580 | code, 1, len(found), 0, 0) + question.raw + records
