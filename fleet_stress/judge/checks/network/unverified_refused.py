"""``unverified_refused``: nothing is asked of a server whose certificate does not verify (6.7)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings


class UnverifiedRefused(Check):
    """A finding for each certificate that does not verify and that the bot accepted."""

    title = "a certificate that does not verify is refused"
    faults = ("bad_certificate",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        faults = case.took_effect("bad_certificate")
        if not faults:
            why = "the bot was never shown a certificate that does not verify"
            yield self.not_exercised("certificate", why)
        for fault in faults:
            proof = fault["proof"]
            if proof["requests"]:
                reason = (
                    f"the bot sent {proof['requests']} requests to a server whose certificate does not verify"
                    f" ({proof['how']})"
                )
                yield self.failed(proof["how"], reason)
