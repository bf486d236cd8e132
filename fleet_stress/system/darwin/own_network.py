"""macOS: there is one network for all."""

from __future__ import annotations

__all__ = ["enter_own_network", "looked_elsewhere", "no_own_network"]

_NONE = "macOS has no network namespaces"


def no_own_network() -> str | None:
    """Always a reason."""
    return _NONE


def enter_own_network() -> None:
    """Unavailable on macOS. Raises OSError."""
    raise OSError(_NONE)


def looked_elsewhere() -> dict[str, int]:
    """Nobody counts it here."""
    return {}
