"""How often the trend of memory is judged right: ``python -m tests.bench.memory_series [--series 1160] [--seed 1]``.

Prints missed leaks and false alarms, beside the stress plan's plain rule and a straight line, then each kind.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from fleet_stress.judge.trend.assess import assess
from fleet_stress.judge.trend.verdict import Series
from tests.bench import rivals
from tests.bench.shapes import HEALTHY, HOURS, LEAKS, Made, make


class Judged(NamedTuple):
    """One series, and whether each judge called it a leak."""

    made: Made
    outcome: str
    plan: bool
    line: bool


class Rates(NamedTuple):
    """Shares, or None where there is no such series."""

    missed_2: float | None
    missed_1: float | None
    missed_less: float | None
    false: float | None


def series(number: int, seed: int) -> Iterator[Made]:
    """As many of each kind; as many leaks as healthy ones."""
    for index in range(number // 2):
        yield make(HEALTHY[index % len(HEALTHY)], seed * 100_000 + index)
        yield make(LEAKS[index % len(LEAKS)], seed * 100_000 + index)


def judged(made: Made) -> Judged:
    """By all judges."""
    found = assess(Series(made.at, made.values, made.restarts), horizon=HOURS)
    return Judged(made, found.outcome, rivals.plan(made), rivals.line(made))


def rates(verdicts: Iterable[tuple[float, bool]]) -> Rates:
    """``verdicts``: the true leak an hour, and whether it was called one."""
    alarms: dict[int, list[bool]] = defaultdict(list)
    for an_hour, alarm in verdicts:
        alarms[0 if not an_hour else 1 if an_hour < 0.01 else 2 if an_hour < 0.02 else 3].append(alarm)
    share = {size: sum(called) / len(called) for size, called in alarms.items()}
    missed = [None if size not in share else 1 - share[size] for size in (3, 2, 1)]
    return Rates(*missed, share.get(0))


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=1160)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--wrong", action="store_true", help="name each series that is judged wrong")
    asked = options.parse_args()
    begin = time.process_time()
    found = [judged(made) for made in series(asked.series, asked.seed)]
    took = (time.process_time() - begin) / len(found)
    print(f"{len(found)} series of six hours, seed {asked.seed}, {1000 * took:.0f} ms each\n")
    print(f"{'':24}{'missed: 2 %/h and more':>24}{'1 to 2 %/h':>12}{'less':>8}{'false alarms':>14}")
    judges = {
        "fleet-stress": [(each.made.an_hour, each.outcome == "grows") for each in found],
        "the plan's rule": [(each.made.an_hour, each.plan) for each in found],
        "a straight line": [(each.made.an_hour, each.line) for each in found],
    }
    for name, verdicts in judges.items():
        two, one, less, false = ("-" if share is None else f"{share:.1%}" for share in rates(verdicts))
        print(f"{name:24}{two:>24}{one:>12}{less:>8}{false:>14}")
    missed = [each for each in found if each.made.an_hour >= 0.02 and each.outcome != "grows"]
    steady = sum(each.outcome == "steady" for each in missed)
    print(
        f"\nof {len(missed)} missed leaks of 2 %/h and more, {steady} called steady; the others need more samples"
    )
    print(f"\n{'kind':26}{'grows':>8}{'unclear':>9}{'steady':>8}   missed from 1 %/h on")
    for kind in (*HEALTHY, *LEAKS):
        own = [each for each in found if each.made.kind == kind]
        outcomes = Counter(each.outcome for each in own)
        missed = [each for each in own if each.made.an_hour >= 0.01 and each.outcome != "grows"]
        counts = "".join(
            f"{outcomes[word]:>{width}}" for word, width in (("grows", 8), ("unclear", 9), ("steady", 8))
        )
        print(f"{kind:26}{counts}   {len(missed)}")
    if asked.wrong:
        for number, each in enumerate(found):
            wrong = (
                each.outcome == "grows"
                if not each.made.an_hour
                else each.made.an_hour >= 0.01 and each.outcome != "grows"
            )
            if wrong:
                index = asked.seed * 100_000 + number // 2
                print(f"{each.made.kind} {index}: {each.made.an_hour:.2%} an hour, {each.outcome}")


if __name__ == "__main__":
    main()
