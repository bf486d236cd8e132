"""What a fault is: a few functions and a name. Everything around them is written once, in ``standing``.

The order of a fault's life: ``supported`` (before its scenario begins), ``undo`` (what must be on disk before
anything is done), ``apply``, ``prove`` (did it bite? asked when it has stood), ``revert``, and after that the
undo records are carried out once more, which looks that nothing is left.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Callable, NamedTuple

import psutil

from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system.cgroups import Group
from fleet_stress.system.network.private_network import Network
from fleet_stress.system.network.relay import Relay
from fleet_stress.system.process import User


class Where(NamedTuple):
    """Where a fault is to be applied, before there is an arena: for ``supported``."""

    stress_dir: Path
    bot: Mapping[str, Any]
    #: ``private``; ``by_user``, where the scenario wants that and its host can only tell packets by user; or None.
    network: str | None


class Site(NamedTuple):
    """What a fault may touch: one arena."""

    #: ``state_dir``, ``log_dir``, ``bot_dir``, ``home_dir``, ``tmp_dir``, ``python``.
    places: Mapping[str, str]
    #: The bot's files by role.
    files: Mapping[str, Tracked]
    user: User
    #: The bot profile, as the plan has it.
    bot: Mapping[str, Any]
    #: ``<run>/<scenario>``: goes into whatever has a name or a comment.
    mark: str
    #: A folder of the fault's own in the arena, readable for the bot; it goes with the arena.
    scratch: Path
    #: Added to the bot's environment from the next start or probe on. A value for PYTHONPATH comes before
    #: the profile's own. ``revert`` takes out what ``apply`` put in.
    environment: dict[str, str]
    #: Living processes of the bot, its children among them.
    processes: Callable[[], list[psutil.Process]]
    #: Starts the bot once more in the same folders, beside the one that runs: settings, name for its output,
    #: variables that it gets beside the bot's own.
    launch: Callable[[Mapping[str, Any], str, Mapping[str, str]], subprocess.Popen[bytes]]
    #: The settings that the bot was started with last.
    settings: Callable[[], Mapping[str, Any]]
    #: Whether the arena has a network of its own, and a mount namespace of its own.
    private_network: bool
    private_mounts: bool
    #: Where files that belong to the evidence go.
    evidence: Path
    #: The bot's folders that a file system of ours covers.
    underneath: CoveredFolders
    #: Where the next start's standard output leads, if not into the evidence (``stdout``): a descriptor, or None for
    #: closed. ``revert`` takes out what ``apply`` put in; so it does with groups.
    outputs: dict[str, int | None]
    #: Control groups that the bot is in from its first moment, from the next start on.
    groups: list[Group]
    #: What a fault has measured for a later one of the same scenario, by name.
    measured: dict[str, float]
    #: The network of its own, where it has one.
    network: Network | None = None
    #: Between the bot and its exchange, where a fault of the scenario wants one.
    relay: Relay | None = None


class Unsupported(NamedTuple):
    """Why a host cannot do this, and what would enable it."""

    reason: str
    enable: str


class Proof(NamedTuple):
    """Did the fault bite, and what shows it."""

    bit: bool
    details: Mapping[str, Any]


class UndoNeeded(NamedTuple):
    """One undo record that must be on disk before ``apply``: a kind of ``fleet_stress.recovery.undo``, arguments."""

    kind: str
    arguments: Mapping[str, Any]


class Fault(NamedTuple):
    """One fault. ``apply`` returns what ``prove`` and ``revert`` need to remember.

    A fault that ``stands`` is there from its step until it is lifted (or the scenario ends); it is proved
    then. One that does not is over once it is applied, and proved at once.
    """

    name: str
    title: str
    stands: bool
    schema: Mapping[str, Any]
    supported: Callable[[Where, Mapping[str, Any]], Unsupported | None]
    undo: Callable[[Site, Mapping[str, Any]], tuple[UndoNeeded, ...]]
    apply: Callable[[Site, Mapping[str, Any]], Mapping[str, Any]]
    prove: Callable[[Site, Mapping[str, Any], Mapping[str, Any]], Proof]
    #: Returns what was seen afterwards; it is added to the proof's details as ``after_lifting``. ``bit: False``
    #: in it takes the proof back: what is still broken without the fault was not the fault's doing.
    revert: Callable[[Site, Mapping[str, Any], Mapping[str, Any]], Mapping[str, Any]]
    #: How often the bot has met it since it stands, from what ``apply`` returned; ``wait: {until: {met: 3}}``.
    met: Callable[[Mapping[str, Any]], int] | None = None
    #: A cycle under it may take as long as a first one: time-outs of several hosts and addresses add up.
    slows: bool = False
    #: Where an arena cannot have a network of its own, it meets the bots' user in the host's instead (macOS).
    by_user: bool = False
    #: What cannot be about arguments that the schema lets pass, as a sentence; asked when a scenario is compiled.
    impossible: Callable[[Mapping[str, Any]], str | None] | None = None
    #: With what the arena has to be made, so that the fault finds it when it is applied: ``relay``.
    wants: frozenset[str] = frozenset()


def supported_everywhere(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """For faults that need nothing of the host."""
    del where, arguments
    return None


def nothing_to_undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """For faults whose traces go with the arena."""
    del site, arguments
    return ()


def nothing_to_revert(
    site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]
) -> Mapping[str, Any]:
    """For faults that are over once they are applied."""
    del site, arguments, memory
    return {}
