"""macOS: there is one network for all."""

from __future__ import annotations

__all__ = ["be_like", "enter_own_network", "host_network", "looked_elsewhere", "no_own_network"]

_NONE = "macOS has no network namespaces"


def host_network() -> None:
    """Nobody leaves it here."""


def be_like(host: None) -> str | None:
    """There is no other one."""
    del host
    return _NONE


def no_own_network() -> str | None:
    """Always a reason."""
    return _NONE


def enter_own_network() -> None:
    """Unavailable on macOS. Raises OSError."""
    raise OSError(_NONE)


def looked_elsewhere() -> dict[str, int]:
    """Nobody counts it here."""
    return {}
