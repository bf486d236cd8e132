"""``death_named``: a start died by the signal that it was sent, and did not report success (SIGFPE).

A bot may handle the signal and end with an exit code of its own, as long as that is not the code of success; or go on
with its cycles until it is asked to stop, as a program in Perl does, which ignores SIGFPE.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.store.exit_words import exit_words


class DeathNamed(Check):
    """A finding for each start that was sent the signal and neither ended nor went on, or reported success."""

    title = "a death by a signal is not reported as success"
    required = ("signal",)
    arguments = {
        "signal": {
            "enum": ["FPE", "ABRT", "SEGV", "KILL", "QUIT", "HUP"],
            "description": "The signal that was sent.",
        }
    }
    short = "signal"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        name = arguments["signal"]
        sent = [
            start for start in case.starts if any(signal["signal"] == name for signal in start["signals"])
        ]
        if not sent:
            yield self.not_exercised(name, f"no start was sent SIG{name}")
        for start in sent:
            ended = start["exit"]
            if any(later["signal"] == "TERM" for later in start["signals"]):
                continue  # it went on, and was asked to stop then
            if ended is None or ended["by"] == "engine":
                yield self.failed(
                    name, f"start {start['n']} went on after SIG{name} until fleet-stress ended it"
                )
            elif ended["code"] == 0:
                reason = f"start {start['n']} was sent SIG{name} and ended with {exit_words(ended)}"
                yield self.failed(name, reason, evidence=(start["stderr"],), start=start["n"])
