"""What the rules of both packet filters (iptables, pf) have in common."""

from __future__ import annotations

from typing import NamedTuple


class PacketFilterFailed(Exception):
    """A rule could not be set, read or removed."""


class Destination(NamedTuple):
    """Where a rule's packets go: an address (None: any, except over loopback) and a port (None: all)."""

    address: str | None
    port: int | None = None

    def describe(self) -> str:
        """``192.0.2.10``, ``[::1]:443``, ``any``."""
        if self.address is None:
            return "any"
        if self.port is None:
            return self.address
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"
