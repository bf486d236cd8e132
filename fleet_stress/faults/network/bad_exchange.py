"""``bad_exchange``: the bot's exchange has a bad day (6.8, 2B, 2C): 429, 500, half a JSON, a flood, none at all.

The relay between the bot and its exchange (``behind_relay.py``) answers in its stead while the fault is active.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import psutil

from fleet_stress.faults.network.behind_relay import BehindRelay
from fleet_stress.faults.protocol import Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.system.network.bad_answers import ANSWERS, MOST_FLOODED


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

    def describe(self) -> dict[str, Any]:
        """In MiB, as samples are."""
        return {"before_mb": round(self.before / 2**20, 1), "most_mb": round(self.most / 2**20, 1)}

    def _now(self) -> int:
        found = 0
        for process in self._processes:
            with contextlib.suppress(psutil.Error):
                found += int(process.memory_info().rss)
        return found


class BadExchange(BehindRelay):
    name = "bad_exchange"
    title = "the exchange answers badly"
    counts_hits = True
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": ["answer"],
        "description": "The bot's exchange gives a bad answer to every request.",
        "properties": {
            "answer": {
                "enum": list(ANSWERS),
                "description": "too_many_requests: 429, with Retry-After. server_error: 500, with a page for people."
                " half_json: the first half of the real answer. redirects: each to another, for ever. flood: a body of"
                " 100 MB. trickle: one byte a second. hang_up: each connection is reset as soon as it is made.",
            },
            "retry_after": {
                "type": "number",
                "minimum": 1,
                "maximum": 3600,
                "unit": "s",
                "description": "Retry-After of too_many_requests; 1s by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        if where.bot.get("exchange"):
            return None
        reason = "the bot profile does not say which of its companions is its exchange"
        return Unsupported(reason, "name it in its `exchange`")

    def apply(self) -> None:
        relay = self._relay
        self._weight = Weight(self.site.running.processes())
        after = math.ceil(self.arguments.get("retry_after", 1))
        means = relay.means._replace(retry_after=after, flooded=self._weight.look)
        self._count(relay.answer(ANSWERS[self.arguments["answer"]], means))

    def prove(self) -> Proof:
        answer, tally = self.arguments["answer"], self._tally
        self._weight.look(0)
        details = {
            "answer": answer,
            "before": self._before,
            **tally.summary(),
            "memory": self._weight.describe(),
            "failed_at": list(tally.moments),
        }
        if answer == "too_many_requests":
            details["before_retry_after"] = tally.too_early
        return self._proof(details)

    def hits(self) -> int:
        return int(self._tally.requests + self._tally.broken_off)
