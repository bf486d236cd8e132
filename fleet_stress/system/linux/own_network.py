"""Linux: a network with nothing but a loopback of its own, and what was looked for in it in vain.

It costs a millisecond and needs no program. The kernel removes it with its last process and descriptor: there is
nothing to undo (network_namespaces(7)).
"""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import os
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import psutil

from fleet_stress.system.linux.network import enable_ipv6, in_scratch_network, new_network

__all__ = ["be_like", "enter_own_network", "host_network", "looked_elsewhere", "no_own_network"]

# <linux/sockios.h>, <net/if.h>
_SIOCSIFFLAGS, _SIOCSIFADDR, _SIOCSIFNETMASK = 0x8914, 0x8916, 0x891C
_IFF_UP = 0x1
#: Where a machine has no address but loopback's, one of those for documentation (RFC 5737). Without any, getaddrinfo(3)
#: with AI_ADDRCONFIG, which Perl and others ask with, finds no address at all, not even that of localhost.
_ANY = "192.0.2.2"
_FOR_DOCUMENTATION = (ipaddress.ip_network("192.0.2.0/24"), ipaddress.ip_network("2001:db8::/32"))
#: So many addresses of each family are taken over.
_MOST_ADDRESSES = 32
#: What an administrator may have set, and a new network has not (ip-sysctl.rst): who may listen on a low port, say.
_SETTINGS = (
    "core/somaxconn",
    "ipv4/ip_unprivileged_port_start",
    "ipv4/ip_local_port_range",
    "ipv4/ping_group_range",
)
#: Counters of the kernel (proc(5), RFC 2011 to 2013): no way to an address; nobody there to connect to, or to send to.
_COUNTERS = {"Ip": ("OutNoRoutes",), "Tcp": ("AttemptFails",), "Udp": ("NoPorts",)}
_COUNTERS_6 = ("Ip6OutNoRoutes", "Udp6NoPorts")


class HostNetwork(NamedTuple):
    """What a program may rely on in the network of its host."""

    settings: Mapping[Path, str]
    #: By family, without those that mean something on one link only.
    addresses: Mapping[int, list[str]]


def host_network() -> HostNetwork:
    """Of the caller's network, before it enters another one."""
    return HostNetwork(_settings(), _addresses())


def be_like(host: HostNetwork) -> str | None:
    """Give loopback of the caller's network the host's addresses, and set what is set there. Why not, or None.

    A program may listen on the address that its host's name leads to, or on a low port where everybody may.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        for number, address in enumerate(host.addresses[socket.AF_INET], start=1):
            # struct ifreq; with a name of its own, for loopback's first address to stay
            for request, value in ((_SIOCSIFADDR, address), (_SIOCSIFNETMASK, "255.255.255.255")):
                packed = socket.inet_aton(value)
                named = struct.pack("16sHH4s16x", f"lo:{number}".encode(), socket.AF_INET, 0, packed)
                fcntl.ioctl(door, request, named)
    with (
        contextlib.suppress(OSError),  # a kernel without IPv6
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as door,
    ):
        for address in host.addresses[socket.AF_INET6]:
            packed = socket.inet_pton(socket.AF_INET6, address)
            # struct in6_ifreq: address, length of its prefix, number of the link
            fcntl.ioctl(door, _SIOCSIFADDR, struct.pack("16sIi", packed, 128, socket.if_nametoindex("lo")))
    return _set(host.settings)


def no_own_network() -> str | None:
    """Why the caller cannot have one, or None. Tried in one that is gone at once."""
    if os.geteuid() != 0:
        return "this needs root"
    settings = _settings()
    return in_scratch_network(lambda: _set(settings))


def enter_own_network() -> None:
    """Put the caller into a new network with its own loopback and nothing else. Raises OSError."""
    host = host_network()
    if not host.addresses[socket.AF_INET]:
        host.addresses[socket.AF_INET].append(_ANY)
    os.close(new_network())
    enable_ipv6()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        fcntl.ioctl(door, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))
    failed = be_like(host)
    if failed:
        raise OSError(failed)


def _addresses() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {socket.AF_INET: [], socket.AF_INET6: []}
    for each in (address for link in psutil.net_if_addrs().values() for address in link):
        known = found.get(each.family)
        if known is None or "%" in each.address or len(known) >= _MOST_ADDRESSES:
            continue
        address = ipaddress.ip_address(each.address)
        # Those for documentation are ours, in an arena within an arena.
        if not address.is_loopback and not any(address in network for network in _FOR_DOCUMENTATION):
            known.append(each.address)
    return found


def _settings() -> dict[Path, str]:
    """Of the caller's network: what /proc/sys/net shows is that of who reads it."""
    found = {}
    for name in _SETTINGS:
        with contextlib.suppress(OSError):  # a kernel without it
            path = Path("/proc/sys/net", name)
            found[path] = path.read_text(encoding="ascii")
    return found


def _set(settings: Mapping[Path, str]) -> str | None:
    """Set what is otherwise in the caller's network; why that failed, or None."""
    for path, value in settings.items():
        try:
            if path.read_text(encoding="ascii") != value:
                path.write_text(value, encoding="ascii")
        except OSError as problem:  # /proc/sys is read-only in many a container
            return f"{path} cannot be set ({problem.strerror})"
    return None


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
