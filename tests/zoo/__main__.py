"""`make zoo`: bots of the zoo through the smoke catalogue, and a table of what they get and what they should.

``python -m tests.zoo [--slow 0.1] [--rows sigterm,row:1.3] [--all] [BOT …]``; a BOT is ``json_lines`` (healthy and
broken), ``json_lines:`` (healthy) or ``json_lines:glues``. Exits 1 if a verdict is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from fleet_stress.system import cgroups
from tests.mutants.bench import bench_of_ours

from .zoo import GREEN, Bot, load_all

_LINE = "{:32} {:6} {:26} {:14} {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make zoo")
    parser.add_argument("--slow", type=float, default=0.0, metavar="SHARE", help="of this host's processors")
    parser.add_argument("--rows", default="all", help="as -e scenarios=, or `decisive`")
    parser.add_argument("--all", action="store_true", help="also rows that are green, and should be")
    parser.add_argument("bots", nargs="*", metavar="BOT")
    words = parser.parse_args()
    print(_LINE.format("bot", "row", "scenario", "verdict", "expected"))
    with slowed(words.slow):
        wrong = [found for bot in load_all() if _chosen(bot, words.bots) for found in _run(bot, words)]
    print(f"{len(wrong)} wrong" if wrong else "all as expected")
    return 1 if wrong else 0


def _chosen(bot: Bot, names: list[str]) -> bool:
    return not names or not {bot.structure, f"{bot.structure}:{bot.broken}"}.isdisjoint(names)


def _run(bot: Bot, words: argparse.Namespace) -> Iterator[str]:
    with bench_of_ours() as bench:
        rows = [*bot.test, *bot.failed] if words.rows == "decisive" else words.rows
        for name, entry in bot.run(bench, rows).items():
            verdict, scenario = entry["verdict"], bench.scenarios[name]
            expected, wrong = bot.expected(scenario), bot.wrong(scenario, verdict, slow=bool(words.slow))
            if wrong or words.all or verdict not in GREEN:
                mark = f"{expected}  WRONG" if wrong else expected
                print(_LINE.format(bot.name, entry["row"], name, verdict, mark), flush=True)
                if verdict not in GREEN:
                    print(f"{'':40}{'; '.join(entry['reasons'])[:300]}", flush=True)
            if wrong:
                yield name


@contextlib.contextmanager
def slowed(share: float) -> Iterator[None]:
    """All that is started here gets this share of the processors; 0: all. Needs the cpu controller of version 1.

    In version 2 an arena's groups are outside ours.
    """
    if not share:
        yield
        return
    group = next((each for each in cgroups.plan(f"zoo-{os.getpid()}", ("cpu",)) if each.version == 1), None)
    if group is None:
        raise SystemExit("make zoo: this host has no cpu controller of version 1, so nothing can be slowed")
    cgroups.make(group, cpu=share * (os.cpu_count() or 1), io=None, disk=Path("/"))
    try:
        cgroups.add(group, os.getpid())
        yield
    finally:
        cgroups.leave(group)


if __name__ == "__main__":
    sys.exit(main())
