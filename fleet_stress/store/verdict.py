"""The five verdicts (principle 4), and what a controller makes of them that has a list of known findings."""

from __future__ import annotations

from typing import NamedTuple

PASSED = "passed"
FAILED = "failed"
NOT_EXERCISED = "not_exercised"
SKIPPED = "skipped"
ERROR = "error"

#: By precedence, where a scenario has several findings.
ORDER = (ERROR, FAILED, NOT_EXERCISED, SKIPPED, PASSED)

#: All that is against the bot is on its list of known findings. No host says so: it knows no list.
KNOWN = "known"
#: The verdicts of a run's results, by precedence.
ALL = (ERROR, FAILED, NOT_EXERCISED, KNOWN, SKIPPED, PASSED)


class Finding(NamedTuple):
    """What a check says against a scenario: that it failed, or that it proved nothing."""

    check: str
    #: What it is about: a file, a start. "Blame once" compares it together with ``check``.
    subject: str
    #: One sentence for a person: what, where, which numbers.
    reason: str
    verdict: str = FAILED
    #: Files in the evidence folder that show it.
    evidence: tuple[str, ...] = ()
    #: For the judge alone, who stores none of these: the start that it is about and when it was seen, where it is about
    #: one; whether something took too long, or did not happen in time.
    start: int | None = None
    at: float | None = None
    timed: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The same finding in another scenario has the same key."""
        return (self.check, self.subject)
