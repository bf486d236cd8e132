"""Where a fault is applied: one arena, as far as a fault may look at it and change it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, NamedTuple

import psutil

from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system.cgroups import Group
from fleet_stress.system.network.private_network import Network
from fleet_stress.system.process import User

if TYPE_CHECKING:
    from fleet_stress.faults.protocol import Fault
    from fleet_stress.system.network.relay import Relay


class Where(NamedTuple):
    """Where a fault is to be applied, before there is an arena: for ``Fault.supported``."""

    stress_dir: Path
    bot: Mapping[str, Any]
    #: ``private``; ``by_user``, where the scenario wants that and its host can only tell packets by user; or None.
    network: str | None


class RunningBot(NamedTuple):
    """The bot's processes, and how to start one more of them."""

    #: Living processes of the bot, its children among them.
    processes: Callable[[], list[psutil.Process]]
    #: Starts the bot once more in the same folders, beside the one that runs: settings, name for its output,
    #: variables that it gets in addition to the bot's own.
    launch: Callable[[Mapping[str, Any], str, Mapping[str, str]], subprocess.Popen[bytes]]
    #: The settings that the bot was started with last.
    settings: Callable[[], Mapping[str, Any]]
    #: The same, quick enough for each look of a wait; one that hides may be missing.
    now: Callable[[], list[psutil.Process]]
    #: Its main process; None before its first start.
    main: Callable[[], psutil.Process | None]
    #: Those that lived when the scenario last looked at processes; None: it never did.
    seen: Callable[[], frozenset[psutil.Process] | None]


class NextStart(NamedTuple):
    """What the bot is started with from the next start on. ``revert`` takes out what ``apply`` put in."""

    #: Added to the bot's environment, for probes too. A value for PYTHONPATH comes before the profile's own.
    environment: dict[str, str]
    #: Where its standard output leads, if not into the evidence (``stdout``): a descriptor, or None for closed.
    outputs: dict[str, int | None]
    #: Control groups that the bot is in from its first moment.
    groups: list[Group]


class Isolation(NamedTuple):
    """What keeps the bot apart from the host in this arena."""

    #: Whether the arena has a mount namespace of its own.
    private_mounts: bool
    #: The bot's folders that a file system of ours covers.
    underneath: CoveredFolders
    #: The network of the arena's own, where it has one.
    network: Network | None = None
    #: Between the bot and its exchange, where a fault of the scenario needs one.
    relay: Relay | None = None


class Site(NamedTuple):
    """One arena. A fault looks at these; what it may change is in ``next_start`` and ``isolation``."""

    #: ``state_dir``, ``log_dir``, ``bot_dir``, ``home_dir``, ``tmp_dir``, ``python``.
    places: Mapping[str, str]
    #: The bot's files by role.
    files: Mapping[str, Tracked]
    user: User
    #: The bot profile, as the plan has it.
    bot: Mapping[str, Any]
    #: ``<run>/<scenario>``: goes into whatever has a name or a comment.
    mark: str
    #: A folder of the faults' own in the arena, readable for the bot; it goes with the arena.
    scratch: Path
    #: Where files that belong to the evidence go.
    evidence: Path
    running: RunningBot
    next_start: NextStart
    isolation: Isolation
    #: The faults that were applied before in the same scenario, in this order; some may be reverted already.
    earlier: list[Fault]
    #: Bytes that have to stay free on the disk of the run's folder, or the run would end.
    disk_floor: int = 0
