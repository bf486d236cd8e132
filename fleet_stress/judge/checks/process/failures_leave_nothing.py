"""``failures_leave_nothing``: memory, handles, threads and processes do not grow with failures.

Of requests (2B, 2C), and with what bots rarely do and therefore rarely test: a rotation of a log (2D), the start of
another worker (2E). What it costs a bot to live is for other checks; here only what one of these adds counts. So the
bot is sampled first without them, then with one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case, stood_at
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings.cost_of_failures import Cost, Moment, TooFew, cost
from fleet_stress.judge.readings.trends import memory_of

#: What is looked at, and what it is called.
_QUANTITIES = {"handles": "open handles", "threads": "threads", "processes": "processes"}


class _Kind(NamedTuple):
    """What comes of a fault: in words, and where its proof says when."""

    one: str
    many: str
    moments: str
    #: While the fault stands the bot is not whole, so it is looked at between two of them.
    halves_it: bool = False


#: By the fault that provokes it.
_KINDS = {
    "bad_exchange": _Kind("failed request", "failed requests", "failed_at"),
    "log_at_limit": _Kind("rotation of a log", "rotations", "rotated_at"),
    "worker_death": _Kind("restart of a worker", "restarts of a worker", "replaced_at", halves_it=True),
}
_USUAL = "bad_exchange"


class FailuresLeaveNothing(Check):
    """A finding for each quantity that goes on growing with the failures."""

    title = "failed requests, rotations or restarts leave nothing behind"
    faults = tuple(_KINDS)
    required = ("failures",)
    arguments = {
        "failures": {
            "type": "integer",
            "minimum": 10,
            "description": "So many there have to be for the row to prove anything.",
        },
        "of": {
            "enum": list(_KINDS),
            "description": f"The fault that provokes them; {_USUAL} by default. bad_exchange: requests that fail."
            " log_at_limit: logs that are rotated. worker_death: workers that are started in the place of another.",
        },
        "beforehand": {
            "type": "integer",
            "minimum": 0,
            "description": "So many of these faults belong to the warm-up, and the bot is first looked at after them;"
            " none by default.",
        },
        "warm_up_cycles": {
            "type": "integer",
            "minimum": 0,
            "description": "Samples before the end of this many cycles are cut off; 5 by default.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        of = arguments.get("of", _USUAL)
        kind, faults = _KINDS[of], case.took_effect(of)
        first = arguments.get("beforehand", 0)
        warm_up, faults = faults[:first], faults[first:]
        failed, needed = _failed_at(case, faults, kind), arguments["failures"]
        if len(failed) < needed:
            reason = f"there were {len(failed)} {kind.many}, and {needed} are needed"
            yield self.not_exercised("failures", reason)
            return
        warm = [
            sample
            for sample in case.evidence["samples"]
            if sample["start"] == faults[0]["start"]
            and sample["cycles"] >= arguments.get("warm_up_cycles", 5)
            and all(sample["at"] >= fault["lifted_at"] for fault in warm_up)
        ]
        end = faults[-1]["at" if kind.halves_it else "lifted_at"]
        control = [sample for sample in warm if sample["at"] < faults[0]["at"]]
        failing = [
            sample for sample in warm if sample["at"] >= failed[0] and (end is None or sample["at"] <= end)
        ]
        if kind.halves_it:
            failing = [
                sample for sample in failing if not any(stood_at(fault, sample["at"]) for fault in faults)
            ]
        for word, called in _quantities(warm):
            try:
                found = cost(_moments(control, failed, word), _moments(failing, failed, word), len(failed))
            except TooFew as problem:
                yield self.not_exercised("samples", f"too few to tell what a {kind.one} costs: {problem}")
                return
            if found:
                told = _told(called, word, found, len(failed), kind)
                yield self.failed(word, told, start=faults[0]["start"])


def _failed_at(case: Case, faults: Sequence[Mapping[str, Any]], kind: _Kind) -> list[float]:
    """When there were failures under these faults, in seconds since the scenario began."""
    clock = case.evidence.get("clock", 0.0)
    found: list[float] = []
    for fault in faults:
        found += [fault.get("stands_from", fault["at"])] * fault["proof"].get("broken_off", 0)
        found += [moment - clock for moment in fault["proof"].get(kind.moments, ())]
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


def _told(called: str, word: str, found: Cost, failures: int, kind: _Kind) -> str:
    in_memory = word not in _QUANTITIES
    size, unit = (1e6, " MB") if in_memory else (1.0, "")
    each = f"{found.each / 1e3:.2g} KB" if in_memory else f"{found.each:.2g}"
    return (
        f"{called} grew with each {kind.one}, by about {each}: from {found.before / size:.4g} to"
        f" {found.after / size:.4g}{unit} over the last {found.failures} of {failures}, and did not level off;"
        f" in as many cycles without {kind.many}, by {found.moved / size:.2g}{unit}"
    )
