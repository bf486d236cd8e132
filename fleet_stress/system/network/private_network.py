"""A private network for an arena: the bot on one side of a cable, its hosts on the other, and nothing leaves it.

Linux only. Two network namespaces joined by a veth pair (veth(4)). The bot's side contains the arena's process
and what it starts; ``outside`` contains its companions and our stub listener. The names in the bot profile's ``hosts``
lead there by a hosts file that only the arena sees, or by our name server if a fault needs one. Addresses are those
reserved for documentation (RFC 5737, RFC 3849). There is nothing to undo: all of it disappears with the arena's last
process.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fleet_stress import system
from fleet_stress.store.deadline import wait_until
from fleet_stress.system.network.forwarder import Forwarder
from fleet_stress.system.network.listener import Listener
from fleet_stress.system.network.name_server import NameServer
from fleet_stress.system.programs import run

#: The name of the link on both sides, as a bot expects it.
LINK = "eth0"
#: The ports on which the outside answers 503 for hosts without a companion.
STUB_PORTS = (80, 443)

_PREFIXES = {"4": ("192.0.2.{}", 24), "6": ("2001:db8::{:x}", 64)}
_OUTSIDE, _BOT, _FIRST_HOST, _MOST_HOSTS = 1, 2, 10, 200
_NAME = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?")
#: Deadline in seconds for a link to change its state.
_LINK_WITHIN = 20.0


class NetworkFailed(Exception):
    """The network could not be made or maintained, which is our fault or the host's."""


class Unable(NamedTuple):
    """Why an arena cannot have a private network here, and what would enable it."""

    reason: str
    enable: str


def unable() -> Unable | None:
    """Why an arena cannot have a private network here; None: it can. Tried in one that is gone at once."""
    reason = system.in_scratch_network(_try_link)
    if reason is None:
        return None
    return Unable(
        f"an arena cannot have a network of its own here: {reason}",
        "run as root on Linux with network namespaces, veth and iproute2",
    )


def _try_link() -> str | None:
    made = run(["ip", "link", "add", LINK, "type", "veth", "peer", "name", "peer0"])
    return None if made.code == 0 else made.message


class Network:
    """Made by the arena's process, for itself. ``close`` when the arena is over."""

    def __init__(self, names: Sequence[str], *, by_dns: bool = False) -> None:
        """Put the calling thread into a new network with an outside for these hosts.

        ``by_dns``: names are resolved by our name server on the outside, not by a hosts file.

        Raises NetworkFailed; the caller cannot go on then.
        """
        known = list(dict.fromkeys(name for name in names if not _is_address(name)))
        odd = [name for name in known if not _NAME.fullmatch(name)]
        if odd or len(known) > _MOST_HOSTS:
            raise NetworkFailed(f"hosts of the bot profile: {odd or f'more than {_MOST_HOSTS}'}")
        host = system.host_network()
        try:
            self._outside = system.new_network()
            system.enable_ipv6()
            self._inside = system.new_network()
            system.enable_ipv6()
        except OSError as problem:
            raise NetworkFailed(str(problem)) from problem
        # Both descriptors are closed when a program starts, so a bot can never find its way outside.
        self.families: tuple[str, ...] = ("4", "6") if system.has_ipv6() else ("4",)
        #: The outside's addresses by host name.
        self.hosts: dict[str, list[str]] = {}
        self._join()
        system.be_like(host)
        for number, name in enumerate(known, start=_FIRST_HOST):
            self.hosts[name] = [_PREFIXES[family][0].format(number) for family in self.families]
        self._address_outside()
        self.first_host = known[0] if known else _PREFIXES["4"][0].format(_OUTSIDE)
        #: What our own servers listen on so that the bot reaches them by every family.
        self.listen = "::" if "6" in self.families else "0.0.0.0"
        self._forwarder = Forwarder()
        self.stub = Listener(self._stub_sockets(), "unavailable")
        self.names: NameServer | None = None
        if by_dns:
            try:
                with self.outside():
                    self.names = NameServer(_PREFIXES["4"][0].format(_OUTSIDE), self.hosts)
            except OSError as problem:
                raise NetworkFailed(f"no name server: {problem}") from problem

    def _join(self) -> None:
        """Connect the two. Without IPv6 (a kernel that has it off), there is IPv4 only."""
        _ip("link", "add", LINK, "type", "veth", "peer", "name", "outside0")
        self._move_peer()
        _ip("link", "set", "lo", "up")
        for family in self.families:
            address, length = _PREFIXES[family]
            self._give(address.format(_BOT), length)
        _ip("link", "set", LINK, "up")

    def _move_peer(self) -> None:
        # By our own pid: in `ip`, another process, /proc/self would be its own.
        path = f"/proc/{os.getpid()}/fd/{self._outside}"
        _ip("link", "set", "outside0", "netns", path)
        with self.outside():
            _ip("link", "set", "lo", "up")
            _ip("link", "set", "outside0", "name", LINK)

    def _give(self, address: str, length: int) -> None:
        more = ["nodad"] if ":" in address else []
        given = run(["ip", "addr", "replace", f"{address}/{length}", "dev", LINK, *more])
        if given.code == 0:
            return
        if ":" not in address:
            raise NetworkFailed(f"{address}: {given.message}")
        self.families = ("4",)

    def _address_outside(self) -> None:
        """Set its addresses; again each time after its link was down, when the kernel drops those of IPv6."""
        with self.outside():
            for family in self.families:
                address, length = _PREFIXES[family]
                self._give(address.format(_OUTSIDE), length)
            for addresses in self.hosts.values():
                for address in addresses:
                    self._give(address, 64 if ":" in address else 24)
            _ip("link", "set", LINK, "up")

    def _stub_sockets(self) -> list[socket.socket]:
        """A socket belongs to the network in which it was made, whoever accepts from it."""
        both = self.listen == "::"
        family = socket.AF_INET6 if both else socket.AF_INET
        with self.outside():
            return [
                socket.create_server((self.listen, port), family=family, dualstack_ipv6=both, backlog=64)
                for port in STUB_PORTS
            ]

    @contextlib.contextmanager
    def outside(self) -> Iterator[None]:
        """Within it, the calling thread and what it starts are on the outside."""
        system.enter_network(self._outside)
        try:
            yield
        finally:
            system.enter_network(self._inside)

    def lead_to_companions(self) -> None:
        """From now on whatever listens outside is reached at each address of the outside, by every family."""
        addresses = [_PREFIXES[family][0].format(_OUTSIDE) for family in self.families]
        addresses += [address for known in self.hosts.values() for address in known]
        with self.outside():
            for port, family in system.listening_ports().items():
                self._forwarder.lead(addresses, port, family)

    def system_files(self, folder: Path) -> dict[Path, Path]:
        """Write the system files that the arena sees, below ``folder``; returns our file by the system's path."""
        lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
        found = {}
        if self.names is None:
            lines += [f"{address} {name}" for name, addresses in self.hosts.items() for address in addresses]
        else:
            # No search domain: a name that is not found is queried once (resolv.conf(5)).
            resolver = [f"nameserver {_PREFIXES['4'][0].format(_OUTSIDE)}", "search ."]
            found[Path("/etc/resolv.conf")] = _written(folder / "resolv.conf", resolver)
        found[Path("/etc/hosts")] = _written(folder / "hosts", lines)
        switch = Path("/etc/nsswitch.conf")
        if switch.is_file():
            # A resolver daemon before the hosts file would answer from the host's own network.
            kept = [line for line in switch.read_text("utf-8").splitlines() if not line.startswith("hosts:")]
            found[switch] = _written(folder / "nsswitch.conf", [*kept, "hosts: files dns"])
        return found

    def cut(self) -> None:
        """Pull the cable on the outside: the bot's link loses its carrier. Raises NetworkFailed."""
        with self.outside():
            _ip("link", "set", LINK, "down")
        self._await_link(False)

    def join_again(self) -> None:
        """Put the cable back. Raises NetworkFailed."""
        self._address_outside()
        self._await_link(True)

    def link_running(self) -> bool:
        """Whether the bot's link has a carrier, seen from inside."""
        return bool(system.link_running(LINK))

    def _await_link(self, running: bool) -> None:
        if not wait_until(lambda: self.link_running() == running, _LINK_WITHIN, 0.01):
            raise NetworkFailed(f"the link did not go {'up' if running else 'down'}")

    def close(self) -> None:
        """Stop its servers; the network disappears with the arena's process."""
        self.stub.close()
        self._forwarder.close()
        if self.names is not None:
            self.names.close()


def services(network: Network | None, places: Mapping[str, str]) -> list[int]:
    """Ports on which the bot's hosts answer: the stub's, and what companions wrote into their ready files.

    Without a private network: the port of HTTPS.
    """
    return [443, *ready_ports(places)] if network is not None else [443]


def ready_ports(places: Mapping[str, str]) -> list[int]:
    """Ports that companions wrote into their ready files."""
    ready = [value for name, value in sorted(places.items()) if name.endswith(".ready")]
    return [int(value) for value in ready if value.isdigit() and 0 < int(value) < 65536]


def _written(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o644)
    return path


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _ip(*words: str) -> None:
    ended = run(["ip", *words])
    if ended.code != 0:
        raise NetworkFailed(f"ip {' '.join(words)}: {ended.message}")
