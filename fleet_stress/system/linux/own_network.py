"""Linux: a network with nothing but a loopback of its own, and what was looked for in it in vain.

It costs a millisecond and needs no program. The kernel removes it with its last process and descriptor: there is
nothing to undo (network_namespaces(7)).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import struct
from pathlib import Path

from fleet_stress.system.linux.network import enable_ipv6, in_scratch_network, new_network

__all__ = ["enter_own_network", "looked_elsewhere", "no_own_network"]

# <linux/sockios.h>, <net/if.h>
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_IFF_UP = 0x1
#: One address that is not loopback's, of those for documentation. Without any, getaddrinfo(3) with AI_ADDRCONFIG, which
#: Perl and others ask with, finds no address of any family, not even that of localhost.
_ADDRESS = {socket.AF_INET: "192.0.2.2", socket.AF_INET6: "2001:db8::2"}
#: Counters of the kernel (proc(5), RFC 2011 to 2013): no way to an address; nobody there to connect to, or to send to.
_COUNTERS = {"Ip": ("OutNoRoutes",), "Tcp": ("AttemptFails",), "Udp": ("NoPorts",)}
_COUNTERS_6 = ("Ip6OutNoRoutes", "Udp6NoPorts")


def no_own_network() -> str | None:
    """Why the caller cannot have one, or None. Tried in one that is gone at once."""
    return "this needs root" if os.geteuid() != 0 else in_scratch_network(lambda: None)


def enter_own_network() -> None:
    """Put the caller into a new network with its own loopback and nothing else. Raises OSError."""
    os.close(new_network())
    enable_ipv6()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        fcntl.ioctl(door, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
        for request, address in (
            (_SIOCSIFADDR, _ADDRESS[socket.AF_INET]),
            (_SIOCSIFNETMASK, "255.255.255.255"),
        ):
            fcntl.ioctl(door, request, _named_address(address))
    with (
        contextlib.suppress(OSError),  # a kernel without IPv6
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door,
    ):
        packed = socket.inet_pton(socket.AF_INET6, _ADDRESS[socket.AF_INET6])
        # struct in6_ifreq: address, length of its prefix, number of the link
        fcntl.ioctl(door, _SIOCSIFADDR, struct.pack("16sIi", packed, 128, socket.if_nametoindex("lo")))


def _named_address(address: str) -> bytes:
    """Struct ifreq with a second name of loopback's: its first address stays."""
    return struct.pack("16sHH4s8x8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(address))


def looked_elsewhere() -> dict[str, int]:
    """How often something that is not in the caller's network was looked for in vain, by the kernel's counters.

    Also what somebody hoped to find on this machine: a database, a name server. Empty: never.
    """
    found = {}
    lines = [line.split() for line in _lines("snmp")]
    for names, values in zip(lines[::2], lines[1::2]):
        kind = names[0].rstrip(":")
        counted = dict(zip(names, values))
        found.update({f"{kind}{name}": int(counted.get(name, 0)) for name in _COUNTERS.get(kind, ())})
    for name, value, *_ in (line.split() for line in _lines("snmp6")):
        if name in _COUNTERS_6:
            found[name] = int(value)
    return {name: count for name, count in found.items() if count}


def _lines(name: str) -> list[str]:
    try:
        return Path("/proc/thread-self/net", name).read_text(encoding="ascii").splitlines()
    except OSError:
        return []
