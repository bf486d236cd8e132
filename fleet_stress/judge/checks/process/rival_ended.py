"""``rival_ended``: the second bot on the same folder ended well, too (1.5, contention)."""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import tracebacks
from fleet_stress.store.exit_words import exit_number, exit_words, split_exit

#: Its output, as the fault names it.
_OUTPUT = ("rival.out", "rival.err")


class RivalEnded(Check):
    """A finding when it broke down, did not stop when asked to, or left a traceback."""

    title = "the second bot ended well, too"
    faults = ("rival",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        rivals = case.took_effect("rival")
        if not rivals:
            reason = "no second bot wrote to the state folder"
            yield self.not_exercised("rival", reason)
            return
        ended = rivals[-1]["proof"].get("after_lifting", {}).get("exit")
        known = {0, *case.bot["exit_codes"].get("terminated", ())}
        if ended is None or ended["by"] == "engine":
            reason = "the second bot did not stop when asked to"
            yield self.failed("rival", reason, evidence=_OUTPUT, timed=True)
        elif ended["by"] != "unasked" and exit_number(split_exit(ended["code"])) not in known:
            how = "by itself" if ended["by"] == "itself" else "when asked to stop"
            reason = f"the second bot ended {how} with {exit_words(split_exit(ended['code']))}"
            yield self.failed("rival", reason, evidence=_OUTPUT)
        for name in _OUTPUT:
            for traceback in tracebacks.in_text(case.text(name)):
                yield self.failed(
                    traceback.cause,
                    f"the second bot had a traceback: {traceback.exception}",
                    evidence=(name,),
                )
