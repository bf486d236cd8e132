"""macOS: on which ports somebody listens; asked only in private networks, which there are none of."""

from __future__ import annotations

__all__ = ["listening_ports"]


def listening_ports() -> dict[int, str]:
    """None."""
    return {}
