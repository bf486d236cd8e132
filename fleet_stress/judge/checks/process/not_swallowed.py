"""``not_swallowed``: a bot that imports a broken module ends clearly, says so, or lets a page fail (5.2).

The stress plan wants a process or a request that fails with a clear error, and never a silent wrong result. A bot that
went on as if nothing were wrong may be right by luck; nobody can tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import broken_modules, endings
from fleet_stress.judge.readings import probes as probed
from fleet_stress.store.exit_words import exit_number, exit_words


class NotSwallowed(Check):
    """A finding for each start that imported a broken module and neither ended clearly nor told of it."""

    title = "a broken module ends the bot clearly, is reported, or fails a page"
    faults = ("broken_module",)

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        for fault in broken_modules.faults(case):
            module = str(fault["proof"]["module"])
            if not broken_modules.met_by_bot(case, fault):
                continue  # only pages met it, and clear_failure judges those
            for start in broken_modules.starts_under(case, fault):
                if start["exit"] is None or broken_modules.named(case, start, module):
                    continue
                number, evidence = start["n"], (start["stderr"], start["stdout"])
                if not (_ended_by_us(start) or _regular(case, start)):
                    reason = (
                        f"start {number} imported the broken {module} and ended with {exit_words(start['exit'])};"
                        " nothing that it wrote names the module or its error"
                    )
                elif _a_page_failed(case, fault):
                    continue
                else:
                    reason = (
                        f"start {number} imported the broken {module} and continued as if nothing were wrong: it"
                        " neither ended with an error nor reported one, and no page failed"
                    )
                finding = self.failed if case.all_read() else self.not_exercised
                yield finding(module, reason, evidence=evidence)


def _ended_by_us(start: Mapping[str, Any]) -> bool:
    """Then its end says nothing of it: until we ended it, it continued."""
    return start["exit"]["by"] == "engine" or endings.killed(start)


def _regular(case: Case, start: Mapping[str, Any]) -> bool:
    return exit_number(start["exit"]) in endings.regular_codes(case)


def _a_page_failed(case: Case, fault: Mapping[str, Any]) -> bool:
    """Whether a page that the fault hit did not answer."""
    return any(
        under is fault and probed.hit(probe, fault) and not probed.answered(probe)
        for probe, under in probed.under_fault(case)
    )
