"""``bad_exchange``: the bot's exchange has a bad day (6.8): 429, 500, half a JSON, a redirect loop, 100 MB, a trickle.

The relay that stands between the bot and its exchange (``relay.py``) answers in its stead while the fault stands, so it
begins and ends under a bot that runs. Nobody but the bot is told where the relay listens, so every request that is
counted is the bot's. It needs no root, and nothing needs undoing.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo
from fleet_stress.system.network.bad_answers import ANSWERS, MOST_FLOODED
from fleet_stress.system.network.relay import Relay, Tally

_NAME = "bad_exchange"
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["answer"],
    "description": "The bot's exchange answers every request in a bad way.",
    "properties": {
        "answer": {
            "enum": list(ANSWERS),
            "description": "too_many_requests: 429, with Retry-After. server_error: 500, with a page for people."
            " half_json: the first half of the real answer. redirects: each to another, for ever. flood: a body of"
            " 100 MB. trickle: one byte a second.",
        },
        "retry_after": {
            "type": "number",
            "minimum": 1,
            "maximum": 3600,
            "unit": "s",
            "description": "What too_many_requests says in Retry-After; 1s by default.",
        },
    },
}


class Weight:
    """How much memory the bot's processes have, and had at most. Kept by whoever looks, as often as it looks."""

    def __init__(self, processes: Sequence[psutil.Process]) -> None:
        self._processes = processes
        self.before = self.most = self._now()
        self._left = MOST_FLOODED

    def look(self, sent: int) -> bool:
        """So many bytes more were sent; False when all floods together are as large as they may be."""
        self.most = max(self.most, self._now())
        self._left -= sent
        return self._left > 0

    def told(self) -> dict[str, Any]:
        """In MiB, as samples are."""
        return {"before_mb": round(self.before / 2**20, 1), "most_mb": round(self.most / 2**20, 1)}

    def _now(self) -> int:
        found = 0
        for one in self._processes:
            with contextlib.suppress(psutil.Error):
                found += int(one.memory_info().rss)
        return found


def _supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    del arguments
    if where.bot.get("exchange"):
        return None
    reason = "the bot profile does not say which of its companions is its exchange"
    return Unsupported(reason, "name it in its `exchange`")


def _apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    relay, weight = relay_of(site, _NAME), Weight(site.processes())
    after = math.ceil(arguments.get("retry_after", 1))
    means = relay.means._replace(retry_after=after, flooded=weight.look)
    before, tally = relay.answer(ANSWERS[arguments["answer"]], means)
    return {"before": before.told(), "tally": tally, "weight": weight}


def _prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    tally, weight, answer = memory["tally"], memory["weight"], arguments["answer"]
    weight.look(0)
    details = {"answer": answer, "before": memory["before"], **tally.told(), "memory": weight.told()}
    if answer == "too_many_requests":
        details["before_retry_after"] = tally.too_early
    return proved(details, tally)


def proved(details: Mapping[str, Any], tally: Tally) -> Proof:
    """It bit when the bot was answered before, and met what stands since."""
    why = (
        tally.trouble
        or (None if details["before"]["requests"] else "the bot asked its exchange for nothing before")
        or (
            None
            if tally.requests or tally.refused
            else "the bot asked its exchange for nothing while it stood"
        )
    )
    return Proof(why is None, {**({"why": why} if why else {}), **details})


def _revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    del arguments, memory
    relay_of(site, _NAME).pass_on()
    return {}


def relay_of(site: Site, name: str) -> Relay:
    """The arena's relay. Raises ValueError: there is none."""
    if site.relay is None:
        raise ValueError(
            f"{name} needs a relay to the bot's exchange: name its companion in the profile's `exchange`"
        )
    return site.relay


FAULT = Fault(
    name=_NAME,
    title="the exchange answers badly",
    stands=True,
    schema=_SCHEMA,
    supported=_supported,
    undo=nothing_to_undo,
    apply=_apply,
    prove=_prove,
    revert=_revert,
    met=lambda memory: int(memory["tally"].requests),
    slows=True,
    wants=frozenset({"relay"}),
)
