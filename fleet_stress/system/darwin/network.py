"""macOS: there are no networks of our own; the state of a link is read. Packets are blocked by ``pf.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

from fleet_stress.system.programs import run

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

_NONE = "macOS has no network namespaces"
#: Only its user tells whose a packet is (``pf.py``).
FILTERS_BY_USER = True


def current_network() -> int:
    """Unavailable on macOS. Raises OSError."""
    raise OSError(_NONE)


def network_number() -> int:
    """There is one."""
    return 0


def network_numbered(number: int) -> int | None:
    """There is no other."""
    del number
    return None


def new_network() -> int:
    """Unavailable on macOS. Raises OSError."""
    raise OSError(_NONE)


def enter_network(descriptor: int) -> None:
    """Unavailable on macOS. Raises OSError."""
    del descriptor
    raise OSError(_NONE)


def in_scratch_network(attempt: Callable[[], str | None]) -> str | None:
    """Unavailable on macOS: says so."""
    del attempt
    return _NONE


def has_ipv6() -> bool:
    """Always."""
    return True


def enable_ipv6() -> None:
    """It is on."""


def link_running(name: str) -> bool | None:
    """Whether a link is up and has a carrier (ifconfig(8)); None: no such link."""
    seen = run(["ifconfig", name])
    if seen.code != 0:
        return None
    words = seen.stdout.replace("<", ",").replace(">", ",").split(",")
    return "UP" in words and "status: inactive" not in seen.stdout


def default_link() -> str | None:
    """The link that the default route uses (route(8)); None where there is none."""
    for family in ("-inet", "-inet6"):
        for line in run(["route", "-n", "get", family, "default"]).stdout.splitlines():
            name, _, value = line.strip().partition(": ")
            if name == "interface":
                return value.strip()
    return None


def own_cgroup() -> tuple[Path, str] | None:
    """There are no groups of processes that a rule could match."""
    return None
