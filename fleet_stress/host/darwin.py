"""macOS: there are no namespaces and no parent-death signal; the arena's own watching stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def die_with_parent() -> None:
    """Not to be had on macOS: the arena ends its bots, and ``recover`` does where the arena was killed."""


def adopt_orphans() -> bool:
    """Not to be had on macOS: detached children are found by the mark in their environment."""
    return False


def private_folders(folders: Mapping[Path, Path]) -> bool:
    """Not to be had on macOS: what is written to the shared temporary folders is looked for instead."""
    return not folders
