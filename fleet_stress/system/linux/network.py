"""Linux: networks of our own (network namespaces), and the state of a link.

A network namespace belongs to a thread: what is said here of "the caller" is its thread and the processes and
threads that it starts from then on (network_namespaces(7), setns(2)). The kernel removes a namespace with all
links, addresses and rules in it when its last process and descriptor are gone: there is nothing to undo.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import traceback
from pathlib import Path
from typing import Callable

__all__ = [
    "FILTERS_BY_USER",
    "default_link",
    "enable_ipv6",
    "enter_network",
    "has_ipv6",
    "in_scratch_network",
    "link_running",
    "network_number",
    "network_numbered",
    "new_network",
    "own_cgroup",
]

# <sched.h>
_CLONE_NEWNET = 0x40000000
# <linux/sockios.h>, <net/if.h>
_SIOCGIFFLAGS = 0x8913
_IFF_UP, _IFF_RUNNING = 0x1, 0x40

#: A network of an arena's own, or its control group, tells whose a packet is.
FILTERS_BY_USER = False

_libc = ctypes.CDLL(None, use_errno=True)


def current_network() -> int:
    """A descriptor of the network that the caller is in; it is not passed on to other programs."""
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def network_number() -> int:
    """The number of the caller's network. It is given again once the network is gone."""
    return Path("/proc/thread-self/ns/net").stat().st_ino


def network_numbered(number: int) -> int | None:
    """A descriptor of the network with that number; None: no process is in it, and no name keeps it (ip-netns(8))."""
    names = [Path("/proc", name, "ns/net") for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    names += [Path(line[1]) for line in _lines("/proc/self/mounts") if len(line) > 2 and line[2] == "nsfs"]
    for name in names:
        try:
            if name.stat().st_ino == number:
                return os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # gone meanwhile, or not ours to look into
            continue
    return None


def new_network() -> int:
    """Put the caller into a new and empty network; its descriptor. Raises OSError."""
    if _libc.unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"no network namespace: {os.strerror(ctypes.get_errno())}")
    return current_network()


def enter_network(descriptor: int) -> None:
    """Put the caller into that network. Raises OSError."""
    if _libc.setns(descriptor, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), f"setns: {os.strerror(ctypes.get_errno())}")


def in_scratch_network(attempt: Callable[[], str | None]) -> str | None:
    """What ``attempt`` says in a network that nobody uses and that is gone afterwards.

    It runs in a child process. None: it worked. Else a sentence, also where there can be no such network.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            new_network()
            said = attempt() or ""
        except OSError as problem:
            said = problem.strerror or str(problem)
        except BaseException:
            said = traceback.format_exc(limit=1).strip().splitlines()[-1]
        os.write(writing, said.encode()[:4000])
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read().decode(errors="replace")
    os.waitpid(child, 0)
    return said or None


def has_ipv6() -> bool:
    """Whether the kernel knows IPv6 at all."""
    return Path("/proc/sys/net/ipv6").is_dir()


def enable_ipv6() -> None:
    """Switch IPv6 on in the caller's network, where a host has it off for new ones. As far as that goes."""
    for name in ("all", "default"):
        try:
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("0", encoding="ascii")
        except OSError:  # no IPv6, or /proc is read-only: giving an address will tell
            return


def link_running(name: str) -> bool | None:
    """Whether a link of the caller's network is up and has a carrier (netdevice(7)); None: no such link."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        request = struct.pack("16sh14x", name.encode()[:15], 0)
        try:
            answer = fcntl.ioctl(door.fileno(), _SIOCGIFFLAGS, request)
        except OSError:
            return None
    flags = struct.unpack("16sh14x", answer)[1]
    return bool(flags & _IFF_UP and flags & _IFF_RUNNING)


def default_link() -> str | None:
    """The link that the default route of the caller's network uses (proc(5)); None where there is none."""
    for line in _lines("/proc/thread-self/net/route"):
        if len(line) > 7 and line[1] == line[7] == "00000000":
            return line[0]
    for line in _lines("/proc/thread-self/net/ipv6_route"):
        if len(line) > 9 and line[0] == "0" * 32 and line[1] == "00" and line[9] != "lo":
            return line[9]
    return None


def own_cgroup() -> tuple[Path, str] | None:
    """The calling process's group in the cgroup v2 hierarchy: its folder, and its path for iptables.

    Only membership is of interest (cgroups(7)), so it works as well where v1 holds all controllers. None where
    there is no such hierarchy that we may write to.
    """
    mounted = [line[1] for line in _lines("/proc/self/mounts") if len(line) > 2 and line[2] == "cgroup2"]
    for line in _lines("/proc/self/cgroup"):
        number, _, path = " ".join(line).split(":", 2)
        if number == "0" and mounted:
            home = Path(mounted[0], path.lstrip("/"))
            return (home, path.lstrip("/")) if os.access(home / "cgroup.procs", os.W_OK) else None
    return None


def _lines(path: str) -> list[list[str]]:
    try:
        return [line.split() for line in Path(path).read_text(encoding="utf-8").splitlines()]
    except OSError:
        return []
