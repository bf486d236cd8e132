"""``death_named``: a start died by the signal that it was sent, and nothing tells it as a good end (SIGFPE).

A bot may handle the signal and end with an exit code of its own, as long as that is not the code of success.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.store.exit_words import exit_words
from fleet_stress.store.verdict import Finding


class DeathNamed(Check):
    """A finding for each start that was sent the signal and ended as if it were nothing."""

    title = "a death by a signal is told as one"
    required = ("signal",)
    arguments = {
        "signal": {
            "enum": ["FPE", "ABRT", "SEGV", "KILL", "QUIT", "HUP"],
            "description": "The signal that was sent.",
        }
    }
    short = "signal"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        name = arguments["signal"]
        sent = [one for one in case.starts if any(signal["signal"] == name for signal in one["signals"])]
        if not sent:
            yield self.not_exercised(name, f"no start was sent SIG{name}")
        for start in sent:
            ended = start["exit"]
            if ended is None or ended["by"] == "engine":
                reason = f"start {start['n']} went on after SIG{name} and was ended by us"
                yield self.failed(name, reason)
            elif ended["code"] == 0:
                reason = f"start {start['n']} was sent SIG{name} and ended with {exit_words(ended)}"
                yield self.failed(name, reason, evidence=(start["stderr"],))
