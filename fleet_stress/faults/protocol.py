"""What a fault is: four functions and a name. Everything around them is written once, in ``applying``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from fleet_stress.files import Tracked
from fleet_stress.process import User


class Site(NamedTuple):
    """What a fault may touch: one arena."""

    places: Mapping[str, str]
    files: Mapping[str, Tracked]
    user: User


class Unsupported(NamedTuple):
    """Why a host cannot do this, and what would enable it."""

    reason: str
    enable: str


class Proof(NamedTuple):
    """Did the fault bite, and what shows it."""

    bit: bool
    details: Mapping[str, Any]


class UndoNeeded(NamedTuple):
    """One undo record that must be on disk before ``apply``: a kind of ``fleet_stress.undo``, arguments."""

    kind: str
    arguments: Mapping[str, Any]


class Fault(NamedTuple):
    """One fault. ``apply`` returns what ``prove`` and ``revert`` need to remember.

    A fault whose traces go with the arena (a corrupt state file) needs no undo and reverts nothing.
    """

    name: str
    title: str
    schema: Mapping[str, Any]
    supported: Callable[[], Unsupported | None]
    undo: Callable[[Site, Mapping[str, Any]], tuple[UndoNeeded, ...]]
    apply: Callable[[Site, Mapping[str, Any]], Mapping[str, Any]]
    prove: Callable[[Site, Mapping[str, Any], Mapping[str, Any]], Proof]
    revert: Callable[[Site, Mapping[str, Any], Mapping[str, Any]], None]


def supported_everywhere() -> Unsupported | None:
    """For faults that need nothing of the host."""
    return None


def nothing_to_undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """For faults whose traces go with the arena."""
    del site, arguments
    return ()


def nothing_to_revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> None:
    """For faults that are over once they are applied."""
    del site, arguments, memory
