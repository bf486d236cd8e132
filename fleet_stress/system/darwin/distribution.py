"""macOS: what the system calls itself."""

from __future__ import annotations

import platform

__all__ = ["distribution"]


def distribution() -> str:
    """``macOS 14.5``; empty where it does not say."""
    version = platform.mac_ver()[0]
    return f"macOS {version}" if version else ""
