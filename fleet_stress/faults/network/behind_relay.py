"""What faults share that act in the relay between the bot and its exchange: they begin and end under a running bot.

Nobody but the bot is told where the relay listens, so every request that is counted is the bot's. It needs no root, and
nothing needs undoing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fleet_stress.faults.protocol import Fault, Proof

if TYPE_CHECKING:
    from fleet_stress.system.network.relay import Relay, Tally


class BehindRelay(Fault):
    """An exchange that misbehaves: the relay answers in its stead, or passes on what it should not."""

    slows = True
    needs = frozenset({"relay"})

    @property
    def _relay(self) -> Relay:
        """The arena's relay. Raises ValueError: there is none."""
        relay = self.site.isolation.relay
        if relay is None:
            raise ValueError(
                f"{self.name} needs a relay to the bot's exchange: name its companion in the profile's `exchange`"
            )
        return relay

    def _count(self, tallies: tuple[Tally, Tally]) -> None:
        """What the relay counted before, and what it counts from now on."""
        before, self._tally = tallies
        self._before = before.summary()

    def _proof(self, details: Mapping[str, Any]) -> Proof:
        """It took effect when the bot was answered before, and asked since."""
        tally = self._tally
        if tally.trouble:
            why: str | None = tally.trouble
        elif not self._before["requests"]:
            why = "the bot asked its exchange for nothing before"
        elif not (tally.requests or tally.refused or tally.broken_off):
            why = "the bot asked its exchange for nothing while it stood"
        else:
            why = None
        return Proof(why is None, {**({"why": why} if why else {}), **details})

    def revert(self) -> Mapping[str, Any]:
        self._relay.pass_on()
        return {}
