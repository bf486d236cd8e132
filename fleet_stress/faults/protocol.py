"""What a fault is: a class with a name and a few methods. Everything around them is written once, in ``applied_fault``.

The order of a fault's life: ``supported`` (before its scenario begins), ``undo`` (what must be on disk before anything
is done), ``apply``, ``prove`` (did it take effect? asked before it is reverted), ``revert``, and after that the undo
records are carried out once more, which looks that nothing is left.
"""

from __future__ import annotations

import abc
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from fleet_stress.faults.site import Site, Where


class Unsupported(NamedTuple):
    """Why a host cannot do this, and what would enable it."""

    reason: str
    enable: str


class Proof(NamedTuple):
    """Did the fault take effect, and what shows it."""

    took_effect: bool
    details: Mapping[str, Any]


class UndoNeeded(NamedTuple):
    """One undo record that must be on disk before ``apply``: a kind of ``fleet_stress.recovery.undo``, arguments."""

    kind: str
    arguments: Mapping[str, Any]


class Fault(abc.ABC):
    """One fault. The class describes it; an instance is one application, and keeps what ``apply`` learnt."""

    #: The word in a scenario.
    name: ClassVar[str]
    #: What happens to the bot, in a few words.
    title: ClassVar[str]
    #: The arguments, as JSON Schema; each with a description. ``"unit": "s"`` makes a number a duration, and
    #: ``"at_least": "room"`` a size that is raised to what the bot's folders need (``room`` in its profile).
    schema: ClassVar[Mapping[str, Any]]
    #: Whether it is active from its step until it is reverted (or the scenario ends), and proved then. One that is not
    #: is over once it is applied, and proved at once.
    lasting: ClassVar[bool] = True
    #: A cycle under it may take as long as a first one: time-outs of several hosts and addresses add up.
    slows: ClassVar[bool] = False
    #: Where an arena cannot have a network of its own, it hits the bots' user in the host's instead (macOS).
    by_user: ClassVar[bool] = False
    #: With what the arena has to be made, so that the fault finds it when it is applied: ``relay``, ``tls``, ``names``.
    needs: ClassVar[frozenset[str]] = frozenset()
    #: ``hits`` counts all that it does to the bot: none means that the bot was never hit.
    counts_hits: ClassVar[bool] = False
    #: The bot's own message counts as a hit too (``messages.write_failed`` in its profile): nothing else may show it.
    hits_by_message: ClassVar[bool] = False

    #: It changes what the next start is given, and a start that has it keeps it when the fault is reverted.
    of_next_start: ClassVar[bool] = False

    def __init__(self, site: Site, arguments: Mapping[str, Any]) -> None:
        self.site, self.arguments = site, arguments
        #: There is no other: for the names of what it makes that others on this machine can see. A mark does not do:
        #: two containers may have the same run in folders of the same name.
        self.id = secrets.token_hex(8)

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """None, or why this host cannot and what would enable it. Tried, not read off a setting."""
        return None

    @classmethod
    def impossible(cls, arguments: Mapping[str, Any]) -> str | None:
        """What cannot be about arguments that the schema lets pass, as a sentence; asked when a plan is compiled."""
        return None

    @classmethod
    def silences(cls, bot: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
        """Whether it takes away the stream that tells of this bot's cycles: its output, or its log."""
        return False

    def undo(self) -> tuple[UndoNeeded, ...]:
        """What must be on disk before ``apply``; nothing where all traces go with the arena."""
        return ()

    @abc.abstractmethod
    def apply(self) -> None:
        """Do it. Raises OSError, ValueError: it cannot be done; the undo records then stay open."""

    @abc.abstractmethod
    def prove(self) -> Proof:
        """Did it do to the bot what it says? Asked before it is reverted."""

    def revert(self) -> Mapping[str, Any]:
        """Take it back, from any half-way state.

        Returns what was seen afterwards; it is added to the proof's details as ``after_lifting``. ``bit: False`` in it
        takes the proof back: what is still broken without the fault was not the fault's doing.
        """
        return {}

    def blocks(self) -> bool:
        """Whether the bot waits right now for what the fault took away, and does nothing else."""
        return False

    def hits(self) -> int:
        """How often the bot was hit so far, for ``wait: {until: {met: 3}}``; 0 where the fault cannot tell."""
        return 0

    def ended(self) -> int:
        """How many processes of the bot it has ended so far, each by itself: others of the bot may live on."""
        return 0

    def cannot_hit(self) -> str | None:
        """Why it never will hit this bot, as far as is seen by now; None: it may. A wait for a hit then ends."""
        return None

    def kills(self) -> int:
        """How often it has killed a process of the bot so far; whatever else there is of the bot goes with it."""
        return 0
