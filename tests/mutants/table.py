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
    mutants = sorted((item for item in told if "killed" in item), key=lambda item: item["mutant"])
    if not mutants:
        return
    for mutant in mutants:
        state = "waits" if mutant["waits"] else "killed" if mutant["killed"] else "SURVIVED"
        yield f"{state:8} {mutant['mutant']:34} {mutant['seconds']:5.1f} s  {', '.join(mutant['by'])}"
    run = [mutant for mutant in mutants if not mutant["waits"]]
    waiting = f", {len(mutants) - len(run)} wait for their scenarios" if len(run) < len(mutants) else ""
    killed = sum(1 for item in run if item["killed"])
    alarms = [f"{item['mutant']}: {name}" for item in told for name in item["alarms"]]
    yield ""
    yield f"killed: {killed} of {len(run)} mutants{waiting}"
    yield f"false alarms: {len(alarms)}{' (' + '; '.join(alarms) + ')' if alarms else ''}"
    failed = Counter(row for item in run for row in item["failed"])
    yield "failed by so many mutants: " + ", ".join(f"{row} {count}" for row, count in sorted(failed.items()))
    yield f"the mutants' tests took {sum(item['seconds'] for item in told):.0f} s, all workers together"
