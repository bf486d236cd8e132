"""``unverified_refused``: nothing is asked of a server whose certificate does not verify (6.7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.verdict import Finding


class UnverifiedRefused(Check):
    """A finding for each certificate that does not verify and was good enough for the bot."""

    title = "a certificate that does not verify is refused"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        shown = [one for one in case.evidence["faults"] if one["fault"] == "bad_certificate" and one["bit"]]
        if not shown:
            why = "the bot was never shown a certificate that does not verify"
            yield self.not_exercised("certificate", why)
        for one in shown:
            proof = one["proof"]
            if proof["requests"]:
                told = f"({proof['how']}) got {proof['requests']} requests of it all the same"
                reason = f"a server whose certificate does not verify {told}"
                yield self.failed(proof["how"], reason)
