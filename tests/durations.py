"""How long tests take: what the last run took, and who has to say that it is slow.

Each run leaves ``build/tests/durations.json``. ``python -m tests.durations`` (a part of `make lint`) complains of each
test in it that took more than 20 seconds and has not the mark `slow`; ``python -m tests.durations typical`` writes
``typical_seconds.json``, by which the longest tests start first (schedule.py).
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[1] / "build/tests/durations.json"
TYPICAL = Path(__file__).with_name("typical_seconds.json")
#: A test that takes longer has to be marked. Seconds.
LIMIT = 20.0
#: What takes less, on average over its file, need not be written down.
_WORTH = 1.0


class Durations:
    """Gathers what each test took, with its setup and teardown. Also with xdist, where reports come from workers."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, Any]] = {}

    def add(self, report: Any) -> None:
        """Add one phase of one test."""
        first = {"test": report.nodeid, "seconds": 0.0, "slow": "slow" in report.keywords}
        test = self._tests.setdefault(report.nodeid, first)
        test["seconds"] = round(test["seconds"] + report.duration, 2)

    def write(self, path: Path = RECORDED) -> None:
        """Write them, longest first; a run of no test leaves what is there."""
        if not self._tests:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        longest_first = sorted(self._tests.values(), key=lambda test: -test["seconds"])
        lines = ",\n".join(json.dumps(test) for test in longest_first)
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def unmarked(tests: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What `make lint` says of a recorded run."""
    for test in tests:
        if test["seconds"] > LIMIT and not test["slow"]:
            yield (
                f"{test['test']}: took {test['seconds']:.0f} s in the last run, more than {LIMIT:.0f}, and has no mark"
                " `slow`. Make it faster or mark it; a new run of it replaces this record."
            )


def typical(tests: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """By file, the mean seconds of its tests."""
    by_file = defaultdict(list)
    for test in tests:
        by_file[test["test"].partition("::")[0]].append(test["seconds"])
    means = {file: round(sum(seconds) / len(seconds), 1) for file, seconds in sorted(by_file.items())}
    return {file: mean for file, mean in means.items() if mean >= _WORTH}


def main(words: list[str]) -> int:
    """Check the recorded run, or write what is typical from it."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else []
    if words == ["typical"]:
        TYPICAL.write_text(json.dumps(typical(recorded), indent=2) + "\n", encoding="utf-8")
        return 0
    complaints = list(unmarked(recorded))
    print(*complaints, sep="\n", end="\n" if complaints else "", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
