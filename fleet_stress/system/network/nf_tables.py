"""Rules and chains as the kernel itself lists them. Linux only.

iptables(8) says of a chain that holds a rule of nft(8) that it is "incompatible", as it says of one that is missing;
older ones say so of the whole table. And it may have been removed by the time something is undone. So what carries our
comment is looked for by netlink(7), as nft does it: in all tables, whatever a chain is called by now, and it is deleted
by the kernel's own number (handle).
Message types and attributes: <linux/netfilter/nf_tables.h>, <linux/netfilter/nfnetlink.h>.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fleet_stress.system.network.packet_rules import PacketFilterFailed

#: NFPROTO_*, by the word of nft.
FAMILIES = {1: "inet", 2: "ip", 3: "arp", 5: "netdev", 7: "bridge", 10: "ip6"}
#: The tables of iptables and ip6tables.
OF_IPTABLES = {"4": 2, "6": 10}
_NETLINK_NETFILTER, _SUBSYSTEM = 12, 10
_GET_CHAIN, _DELETE_CHAIN, _NEW_RULE, _GET_RULE, _DELETE_RULE, _NEW_CHAIN = 4, 5, 6, 7, 8, 3
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
# <linux/netlink.h>; NONREC: a chain that has rules is not deleted with them.
_REQUEST, _ACK, _DUMP, _DUMP_INTR, _NONREC = 0x1, 0x4, 0x300, 0x10, 0x100
_ERROR, _DONE = 2, 3
_WITHIN = 10.0
_ATTEMPTS = 20


class Chain(NamedTuple):
    """A chain; ``base``: packets come to it by themselves."""

    family: int
    table: str
    name: str
    base: bool


class Rule(NamedTuple):
    """A rule: where it is, its number, the chain that it leads to (empty: none), and all of it as the kernel has it."""

    family: int
    table: str
    chain: str
    handle: int
    leads_to: str
    content: bytes

    @property
    def where(self) -> str:
        """``ip filter OUTPUT``."""
        return f"{FAMILIES.get(self.family, self.family)} {self.table} {self.chain}"


def has_chain(family: str, name: str) -> bool:
    """Whether the table of iptables has such a chain; ``family``: ``4`` or ``6``. Raises PacketFilterFailed."""
    return any(chain[:3] == (OF_IPTABLES[family], "filter", name) for chain in chains())


def chains() -> list[Chain]:
    """All chains of the caller's network. Raises PacketFilterFailed."""
    found = []
    for family, attributes in _dump(_GET_CHAIN, _NEW_CHAIN):
        known = dict(_attributes(attributes))
        found.append(Chain(family, _text(known[1]), _text(known[3]), 4 in known))
    return found


def rules() -> list[Rule]:
    """All rules of the caller's network. Raises PacketFilterFailed."""
    found = []
    for family, content in _dump(_GET_RULE, _NEW_RULE):
        known = dict(_attributes(content))
        handle = int.from_bytes(known[3], "big")
        leads_to = _leads_to(known.get(4, b""))
        found.append(Rule(family, _text(known[1]), _text(known[2]), handle, leads_to, content))
    return found


def delete(rules: Sequence[Rule], chains: Sequence[Chain]) -> None:
    """Delete these rules, then these chains, which must be empty by then: all of it or nothing.

    Raises LookupError when something has changed meanwhile: look again; else PacketFilterFailed.
    """
    messages = [
        (_DELETE_RULE, 0, rule.family, {1: _name(rule.table), 2: _name(rule.chain), 3: _number(rule.handle)})
        for rule in rules
    ]
    messages += [
        (_DELETE_CHAIN, _NONREC, chain.family, {1: _name(chain.table), 3: _name(chain.name)})
        for chain in chains
    ]
    if not messages:
        return
    data = _message(_BATCH_BEGIN, _REQUEST, 0, struct.pack("!BBH", 0, 0, _SUBSYSTEM))
    for number, (kind, flags, family, attributes) in enumerate(messages, 1):
        body = struct.pack("!BBH", family, 0, 0) + b"".join(
            _attribute(name, value) for name, value in attributes.items()
        )
        data += _message(_SUBSYSTEM << 8 | kind, _REQUEST | _ACK | flags, number, body)
    data += _message(_BATCH_END, _REQUEST, len(messages) + 1, struct.pack("!BBH", 0, 0, _SUBSYSTEM))
    with _opened() as door:
        try:
            door.send(data)
            answered = 0
            while answered < len(messages):
                for kind, _, payload in _messages(door.recv(1 << 20)):
                    if kind == _ERROR:
                        _check(-struct.unpack_from("=i", payload)[0])
                        answered += 1
        except OSError as problem:
            raise PacketFilterFailed(f"nf_tables: {problem.strerror or problem}") from problem


def _check(number: int) -> None:
    if number in (errno.ENOENT, errno.EBUSY, errno.EAGAIN):
        raise LookupError(os.strerror(number))
    if number:
        raise PacketFilterFailed(f"nf_tables: {os.strerror(number)}")


def _dump(asked: int, answer: int) -> list[tuple[int, bytes]]:
    """Family and attributes of each object. Begun anew when the kernel says that it changed meanwhile."""
    for _ in range(_ATTEMPTS):
        found, whole = [], True
        with _opened() as door:
            try:
                request = struct.pack("!BBH", 0, 0, 0)
                door.send(_message(_SUBSYSTEM << 8 | asked, _REQUEST | _DUMP, 1, request))
                more = True
                while more:
                    for kind, flags, payload in _messages(door.recv(1 << 20)):
                        whole = whole and not flags & _DUMP_INTR
                        if kind == _ERROR:
                            number = -struct.unpack_from("=i", payload)[0]
                            raise OSError(number, os.strerror(number))
                        if kind == _DONE:
                            more = False
                        elif kind == _SUBSYSTEM << 8 | answer:
                            found.append((payload[0], payload[4:]))
            except OSError as problem:
                raise PacketFilterFailed(f"nf_tables: {problem.strerror or problem}") from problem
        if whole:
            return found
    raise PacketFilterFailed("nf_tables: the rules of this host change all the time")


def _opened() -> socket.socket:
    try:
        door = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_NETFILTER)
    except OSError as problem:
        raise PacketFilterFailed(f"nf_tables: {problem.strerror}") from problem
    door.settimeout(_WITHIN)
    return door


def _leads_to(expressions: bytes) -> str:
    """The chain of a verdict: an expression ``immediate`` whose data is a jump or a goto."""
    for _, expression in _attributes(expressions):
        known = dict(_attributes(expression))
        if _text(known.get(1, b"")) == "immediate":
            data = dict(_attributes(dict(_attributes(known.get(2, b""))).get(2, b"")))
            verdict = dict(_attributes(data.get(2, b"")))
            return _text(verdict.get(2, b""))
    return ""


def _message(kind: int, flags: int, number: int, body: bytes) -> bytes:
    return struct.pack("=IHHII", 16 + len(body), kind, flags, number, 0) + body


def _messages(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Kind, flags and payload of each (netlink(7): each begins at a multiple of 4 bytes)."""
    while len(data) >= 16:
        length, kind, flags = struct.unpack_from("=IHH", data)
        yield kind, flags, data[16:length]
        data = data[(length + 3) & ~3 :]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        length, name = struct.unpack_from("=HH", data)
        if length < 4:
            return
        yield name & 0x3FFF, data[4:length]  # without NLA_F_NESTED and NLA_F_NET_BYTEORDER
        data = data[(length + 3) & ~3 :]


def _attribute(name: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), name) + value + bytes(-len(value) % 4)


def _name(text: str) -> bytes:
    return text.encode(errors="surrogateescape") + b"\0"


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big")


def _text(value: bytes) -> str:
    return value.partition(b"\0")[0].decode(errors="surrogateescape")
