"""``no_hammering``: an exchange that answers badly is not asked much more often than one that is well (6.8).

Held against each other are requests a second before the fault and while it stood. A bot may try again a few times; one
that tries again without a pause makes a bad day of the exchange a worse one, and is locked out (RFC 6585, section 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.verdict import Finding

_TIMES = 5.0
#: So few requests are no hammering, whatever they are held against.
_FEW = 30


class NoHammering(Check):
    """A finding for each time that the exchange answered badly and was asked too often for it."""

    title = "an exchange that answers badly is not asked much more often"
    arguments = {
        "times": {
            "type": "number",
            "minimum": 1,
            "description": "So many times as many requests a second as before are still well; 5 by default.",
        }
    }

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        times = float(arguments.get("times", _TIMES))
        stood = [one for one in case.evidence["faults"] if one["fault"] == "bad_exchange" and one["bit"]]
        if not stood:
            yield self.not_exercised("requests", "the exchange never answered badly")
        for one in stood:
            proof = one["proof"]
            if proof["requests"] <= _FEW:
                continue
            rate = proof["requests"] / max(proof["seconds"], 0.001)
            before, between = proof["before"]["requests"], proof["before"]["between_first_and_last"]
            if before < 2 or between <= 0:
                reason = f"{before} requests before the fault are too few to say how often the bot asks"
                yield self.not_exercised("requests", reason)
                continue
            usual = (before - 1) / between
            if rate > usual * times:
                reason = (
                    f"{proof['requests']} requests in the {proof['seconds']:.1f} s in which the exchange answered"
                    f" {proof['answer']}: {rate:.1f} a second, where {usual:.1f} were usual before;"
                    f" up to {times:g} times that is well"
                )
                yield self.failed("requests", reason)
