"""Leaks of known size through the compressed soak (row 2), and a table of what is found.

``python -m tests.mutants.leaks [--profile standard] [--keep FOLDER] [LEAK …]`` runs the reference bot with each leak,
and without any, all side by side: as long as row 2 takes. ``--judge FOLDER`` judges evidence that was kept. Exits 1 if
a leak is missed, its slope is wrong by more than a fifth, or a healthy bot is blamed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_stress.judge.judge import judge
from fleet_stress.judge.readings import leak_rate
from fleet_stress.observe import sample_file

from .bench import HEALTHY, HEALTHY_SQLITE, REFERENCE_BOT, bench_of_ours
from .mutant import Mutant

#: A bytes object's own head (sys.getsizeof(b"")), and what malloc puts before each block.
_HEAD, _BLOCK = 33, 8
_LINE = "{:16} {:>10} {:>18} {:>24} {:>6} {:>8} {}"
_WRONG_BY = 0.2
_HERE = "from pathlib import Path; from tests.mutants.leaks import run"


class Leak(NamedTuple):
    """How a bot leaks, and how much in truth: bytes or handles a cycle."""

    quantity: str
    a_cycle: float
    code: str
    #: What it leaks whatever its cycles do.
    an_hour: float = 0.0

    def mutant(self, name: str) -> Mutant:
        """The reference bot with it."""
        edit = {
            "file": "trader/bot.py",
            "old": "    def _cycle(self) -> None:\n",
            "new": f"    _kept: list[Any] = []\n\n    def _cycle(self) -> None:\n        {self.code}\n",
        }
        return HEALTHY._replace(name=name, breaks="It leaks.", edits=[edit])


def _bytes(count: int) -> Leak:
    """Of each cycle it keeps one block of so many bytes, all of them written to."""
    # A product of constants would be made once (and be the same one in each cycle).
    return Leak(
        "anonymous", count, f'self._kept.append(b"x" * ({count - _HEAD - _BLOCK} + 0 * self._cycles))'
    )


#: A thread that keeps a kilobyte each half second, whatever the cycles do: 7.4 MB an hour.
_THREAD = """if not self._kept:
            from threading import Thread
            from time import sleep
            def keep() -> None:
                while True:
                    self._kept.append(b"x" * (983 + 0 * self._cycles))
                    sleep(0.5)
            Thread(target=keep, daemon=True).start()"""


LEAKS: Mapping[str, Leak | None] = {
    "healthy": None,
    "healthy_sqlite": None,
    # In two blocks, as small as most of Python's objects: the allocator wastes nothing between these.
    "leaks_1_kb": Leak(
        "anonymous", 1_024, 'self._kept += [b"x" * (479 + 0 * self._cycles) for _ in range(2)]'
    ),
    "leaks_10_kb": _bytes(10_240),
    "leaks_100_kb": _bytes(102_400),
    "leaks_a_handle": Leak(
        "handles", 0.01, 'self._kept += [open("main.py")] if self._cycles % 100 == 50 else []'
    ),
    "leaks_with_time": Leak("anonymous", 0.0, _THREAD, an_hour=7_200 * 1_024),
}


def run(folder: Path, name: str, profile: str) -> None:
    """Run row 2, and keep its evidence, with what it has to be judged by, in ``folder``."""
    leak = LEAKS[name]
    mutant = HEALTHY_SQLITE if name == "healthy_sqlite" else leak.mutant(name) if leak else HEALTHY
    with bench_of_ours() as bench:
        plan = bench.plan(name, REFERENCE_BOT, mutant.profile, "memory", how_hard=profile)
        mutant.apply(Path(plan["bot"]["copy"]))
        plan["scenarios"] = [scenario for scenario in plan["scenarios"] if not scenario["baseline"]]
        bench.run_plan(plan)
        shutil.copytree(bench.stress_dir / "runs" / plan["run_id"] / "evidence/memory", folder / "evidence")
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")


def line_of(folder: Path, name: str) -> tuple[str, bool]:
    """What is found in evidence that was kept: a line of the table, and whether that is right."""
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    entry = judge(plan["scenarios"][0], plan["bot"], folder / "evidence", None)
    samples, leak = sample_file.read(folder / "evidence"), LEAKS[name]
    quantity = leak.quantity if leak else "anonymous"
    truth, unit = (
        (leak.an_hour, "an hour") if leak and leak.an_hour else (leak.a_cycle if leak else 0.0, "a cycle")
    )
    both = leak_rate.of_starts(samples, quantity)
    by_hour = both.per_hour if both else None
    rate = by_hour if unit == "an hour" else leak_rate.per_cycle(samples, quantity)
    off = (rate.value - truth) / truth if truth and rate else None
    found = f"{_number(rate.value)} {unit}" if rate else "-"
    interval = f"{_number(rate.low)} to {_number(rate.high)}" if rate else "-"
    verdict = entry["verdict"]
    right = verdict == "failed" and off is not None and abs(off) <= _WRONG_BY if leak else verdict != "failed"
    apart = f"{off:+.0%}" if off is not None else "-"
    minutes = f"{entry['seconds'] / 60:.1f}"
    line = _LINE.format(name, _number(truth), found, interval, apart, minutes, verdict)
    return f"{line}\n    {'; '.join(entry['reasons'])[:400]}" if entry["reasons"] else line, right


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 1 else f"{value:,.0f}"


def _each(words: Any) -> list[str]:
    return list(words.leaks) or list(LEAKS)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.leaks")
    parser.add_argument("--profile", default="standard")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="a new folder for the evidence")
    parser.add_argument("--judge", type=Path, metavar="FOLDER", help="judge evidence that was kept")
    parser.add_argument("leaks", nargs="*", metavar="LEAK", help=", ".join(LEAKS))
    words = parser.parse_args()
    if words.judge is None:
        return _run_all(words)
    print(_LINE.format("bot", "truth", "found", "95 %", "off", "minutes", "verdict of row 2"))
    lines = [
        line_of(words.judge / name, name)
        for name in _each(words)
        if (words.judge / name / "plan.json").exists()
    ]
    for line, _ in lines:
        print(line)
    return 0 if lines and all(right for _, right in lines) else 1


def _run_all(words: Any) -> int:
    """Each in a process of its own, side by side: bots mostly sleep."""
    with tempfile.TemporaryDirectory(prefix="fleet-stress-leaks-") as temporary:
        folder = words.keep or Path(temporary)
        started = []
        for name in _each(words):
            (folder / name).mkdir(parents=True)
            code = f"run(Path({str(folder / name)!r}), {name!r}, {words.profile!r})"
            started.append(subprocess.Popen([sys.executable, "-c", f"{_HERE}; {code}"]))
        for process in started:
            process.wait()
        return subprocess.call(
            [sys.executable, "-m", "tests.mutants.leaks", "--judge", str(folder), *words.leaks]
        )


if __name__ == "__main__":
    sys.exit(main())
