"""``failures_leave_nothing``: memory, handles, threads and processes do not grow with failures (2B, 2C).

What it costs a bot to live is for other checks; here only what a failure adds counts. So the bot is sampled first while
all is well, then while its requests fail.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings.cost_of_failures import Cost, Moment, TooFew, cost
from fleet_stress.judge.readings.trends import memory_of

#: What is looked at, and what it is called.
_QUANTITIES = {"handles": "open handles", "threads": "threads", "processes": "processes"}


class FailuresLeaveNothing(Check):
    """A finding for each quantity that goes on growing with the failures of the bot's requests."""

    title = "failed requests leave nothing behind"
    faults = ("bad_exchange",)
    required = ("failures",)
    arguments = {
        "failures": {
            "type": "integer",
            "minimum": 10,
            "description": "So many requests have to fail for the row to prove anything.",
        },
        "warm_up_cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Samples before the end of this many cycles are cut off; 5 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        faults = case.took_effect(*self.faults)
        failed, needed = _failed_at(case, faults), arguments["failures"]
        if len(failed) < needed:
            reason = f"{len(failed)} requests failed, and {needed} are needed"
            yield self.not_exercised("failures", reason)
            return
        warm = [
            sample
            for sample in case.evidence["samples"]
            if sample["start"] == faults[0]["start"]
            and sample["cycles"] >= arguments.get("warm_up_cycles", 5)
        ]
        end = faults[-1]["lifted_at"]
        control = [sample for sample in warm if sample["at"] < faults[0]["at"]]
        failing = [
            sample for sample in warm if sample["at"] >= failed[0] and (end is None or sample["at"] <= end)
        ]
        for word, called in _quantities(warm):
            try:
                found = cost(_moments(control, failed, word), _moments(failing, failed, word), len(failed))
            except TooFew as problem:
                yield self.not_exercised("samples", f"too few to tell what a failure costs: {problem}")
                return
            if found:
                yield self.failed(word, _told(called, word, found, len(failed)), start=faults[0]["start"])


def _failed_at(case: Case, faults: Sequence[Mapping[str, Any]]) -> list[float]:
    """When requests failed under these faults, in seconds since the scenario began."""
    clock = case.evidence.get("clock", 0.0)
    found: list[float] = []
    for fault in faults:
        found += [fault.get("stands_from", fault["at"])] * fault["proof"].get("broken_off", 0)
        found += [moment - clock for moment in fault["proof"].get("failed_at", ())]
    return sorted(found)


def _quantities(samples: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What all of the samples have, and what it is called."""
    memory = memory_of(samples)
    for word, called in {memory.key: memory.name, **_QUANTITIES}.items():
        if all(sample.get(word) is not None for sample in samples):
            yield word, called


def _moments(samples: Sequence[Mapping[str, Any]], failed: Sequence[float], word: str) -> list[Moment]:
    return [
        Moment(bisect_right(failed, sample["at"]), sample["cycles"], float(sample[word]))
        for sample in samples
    ]


def _told(called: str, word: str, found: Cost, failures: int) -> str:
    in_memory = word not in _QUANTITIES
    size, unit = (1e6, " MB") if in_memory else (1.0, "")
    each = f"{found.each / 1e3:.2g} KB" if in_memory else f"{found.each:.2g}"
    return (
        f"{called} grew with each failed request, by about {each}: from {found.before / size:.4g} to"
        f" {found.after / size:.4g}{unit} over the last {found.failures} of {failures}, and did not level off;"
        f" in as many cycles without failures, by {found.moved / size:.2g}{unit}"
    )
