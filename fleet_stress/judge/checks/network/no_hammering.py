"""``no_hammering``: a failing exchange does not get many more requests than before (6.8).

It compares requests a second before the fault and while it was active. A bot may retry a few times; one that retries
without a pause makes the outage worse, and is locked out (RFC 6585, section 4).
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings

_TIMES = 5.0
#: Requests up to which nothing is hammering, whatever the rate was before.
_FEW = 30


class NoHammering(Check):
    """A finding for each time that the exchange answered badly and was asked too often."""

    title = "a failing exchange does not get many more requests"
    faults = ("bad_exchange",)
    arguments = {
        "times": {
            "type": "number",
            "minimum": 1,
            "description": "Limit of requests a second, as a factor of the rate before; 5 by default.",
        }
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        times = float(arguments.get("times", _TIMES))
        faults = case.took_effect("bad_exchange")
        if not faults:
            yield self.not_exercised("requests", "the exchange never answered badly")
        for fault in faults:
            proof = fault["proof"]
            if proof["requests"] <= _FEW:
                continue
            rate = proof["requests"] / max(proof["seconds"], 0.001)
            before, between = proof["before"]["requests"], proof["before"]["between_first_and_last"]
            if before < 2 or between <= 0:
                reason = f"{before} requests before the fault are too few to know how often the bot asks"
                yield self.not_exercised("requests", reason)
                continue
            usual = (before - 1) / between
            if rate > usual * times:
                reason = (
                    f"{proof['requests']} requests in the {proof['seconds']:.1f} s in which the exchange answered"
                    f" {proof['answer']}: {rate:.1f} a second, where {usual:.1f} were usual before;"
                    f" the limit is {times:g} times that"
                )
                yield self.failed("requests", reason)
