"""The table at the end of `make test`: what the mutants' tests told by ``record_property``.

Also with xdist: the properties travel with the reports. Run by tests/conftest.py, which alone is loaded by
the process that prints.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any


def lines(told: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The table, or nothing where no mutant was run."""
    mutants = sorted((one for one in told if "killed" in one), key=lambda one: one["mutant"])
    if not mutants:
        return
    for one in mutants:
        state = "waits" if one["waits"] else "killed" if one["killed"] else "SURVIVED"
        yield f"{state:8} {one['mutant']:34} {one['seconds']:5.1f} s  {', '.join(one['by'])}"
    run = [one for one in mutants if not one["waits"]]
    waiting = f", {len(mutants) - len(run)} wait for their scenarios" if len(run) < len(mutants) else ""
    killed = sum(1 for one in run if one["killed"])
    alarms = [f"{one['mutant']}: {name}" for one in told for name in one["alarms"]]
    yield ""
    yield f"killed: {killed} of {len(run)} mutants{waiting}"
    yield f"false alarms: {len(alarms)}{' (' + '; '.join(alarms) + ')' if alarms else ''}"
    failed = Counter(row for one in run for row in one["failed"])
    yield "failed by so many mutants: " + ", ".join(f"{row} {count}" for row, count in sorted(failed.items()))
    yield f"the mutants' tests took {sum(one['seconds'] for one in told):.0f} s, all workers together"
