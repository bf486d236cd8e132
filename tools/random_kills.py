"""How often random kills find what a visit of every point finds: ``python -m tools.random_kills``.

A *try* is row 3.4 (``kill_in_write``) with its own expectations, and the bot killed where the plan kills it: at any
time. So many times it is started, left alone to its first cycle and then for a random part of its pace, killed, and
started again on what that left; one clean run ends it. All kills of a try go on with the same state, so what one of
them broke is there to be seen until the end. Beside it stands what the rows that visit points say of the same mutant.

The numbers are of a bot whose writes fill more of its time than those of a real one: it is little but writes.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.mutants.bench import HEALTHY, Bench, bench_of_ours
from tests.mutants.mutant import FOLDER, Mutant, load

ROW = "kill_in_write"
#: The rows that visit points.
VISITING = ("crash_points", "power_cut")
MUTANTS = (
    "torn_write",
    "backup_after_the_ledger",
    "renames_across_folders",
    "kills_leave_names_of_their_own",
    "no_fsync_before_rename",
)
#: On one disk a move is a rename, and no kill can tear it. Its state lies on another than its temporary files.
STATE_APART = ("renames_across_folders",)
_APART = {
    "verb": "fault",
    "args": {"fault": "ram_volume", "args": {"folder": "state", "size": "20MB"}},
}
#: A start and a clean run on a host that has other things to do. Seconds a kill, and a try.
_KILL_WITHIN, _TRY_WITHIN = 180.0, 600.0


class Wanted(NamedTuple):
    """The measure of a comparison. ``pace``: seconds between two cycles."""

    tries: int
    kills: int
    pace: float
    at_once: int
    seed: int


class Told(NamedTuple):
    """What became of one mutant."""

    mutant: str
    #: Of each try: whether row 3.4 failed.
    caught: list[bool]
    #: Kills that were done, over all tries: a bot that does not start again ends its try.
    kills: int
    #: Of each row that visits points: its verdict, with the points that were not survived and those visited.
    visited: dict[str, str]


def a_try(row: Mapping[str, Any], number: int, wanted: Wanted, moments: random.Random, *, apart: bool) -> Any:
    """The scenario of one try, as a plan has them, from that of row 3.4. ``moments``: where its times come from."""
    [rounds, *ending] = row["steps"]
    start, first, kill, _ = rounds["args"]["steps"]
    steps: list[Any] = [_APART] if apart else []
    for _ in range(wanted.kills):
        then = round(moments.uniform(0.0, wanted.pace), 4)
        alive = {"until": "first_cycle", "within": first["args"]["within"], "then": then}
        steps += [start, {**first, "args": alive}, {**kill, "args": {**kill["args"], "aim": None}}]
    steps = json.loads(json.dumps([*steps, *ending]))  # each step its own
    for step in steps:
        if step["verb"] == "start":
            step["args"]["settings"]["scan_interval"] = wanted.pace
    return {
        **row,
        "id": f"random-{number:02d}",
        "steps": steps,
        "expect": [finding for finding in row["expect"] if finding["check"] != "killed_in_write"],
        "within": wanted.kills * (wanted.pace + _KILL_WITHIN) + _TRY_WITHIN,
    }


class Tries(Bench):
    """Runs tries in the place of row 3.4."""

    wanted: Wanted

    def _plan(self, mutant: Mutant, scenarios: list[str] | str) -> dict[str, Any]:
        plan = super()._plan(mutant, scenarios)
        row = next(scenario for scenario in plan["scenarios"] if scenario["id"] == ROW)
        numbers = range(1, self.wanted.tries + 1)
        moments = [random.Random(f"{self.wanted.seed} {mutant.name} {number}") for number in numbers]
        apart = mutant.name in STATE_APART
        plan["scenarios"] = [
            a_try(row, number, self.wanted, chance, apart=apart)
            for number, chance in zip(numbers, moments, strict=True)
        ]
        waves = -(-self.wanted.tries // self.wanted.at_once)
        run_within = waves * plan["scenarios"][0]["within"]
        plan["limits"].update(
            bots_at_once=self.wanted.at_once, run_within=run_within, lease=run_within + _TRY_WITHIN
        )
        return plan


def compare(mutant: Mutant, wanted: Wanted) -> Told:
    """Both ways for one mutant. Raises RuntimeError where a try was no try: a mistake of ours, not of the bot."""
    caught, kills = tried(mutant, wanted)
    with bench_of_ours() as bench:
        seen = bench.run(mutant, list(VISITING), baseline=False)
    return Told(mutant.name, caught, kills, {name: _visited(seen[name]) for name in VISITING})


def tried(mutant: Mutant, wanted: Wanted) -> tuple[list[bool], int]:
    """Of each try whether it caught the mutant, and the kills of all. Raises RuntimeError."""
    with bench_of_ours() as bench:
        place = Tries(bench.stress_dir)
        place.wanted = wanted
        entries = place.run(mutant, [ROW])
        # One that proved nothing is no try, and may not count as one that caught nothing.
        wrong = {
            name: entry for name, entry in entries.items() if entry["verdict"] not in ("passed", "failed")
        }
        if wrong:
            told = "; ".join(
                f"{name}: {entry['verdict']}: {entry['reasons']}" for name, entry in wrong.items()
            )
            raise RuntimeError(f"{mutant.name}: {told}")
        caught = [entry["verdict"] == "failed" for entry in entries.values()]
        return caught, sum(_kills(place, entry) for entry in entries)


def _kills(place: Bench, scenario: str) -> int:
    [evidence] = place.stress_dir.glob(f"runs/*/evidence/{scenario}/evidence.json")
    steps = json.loads(evidence.read_text(encoding="utf-8"))["steps"]
    return sum(step["verb"] == "signal" and step["outcome"] == "done" for step in steps)


def _visited(entry: Mapping[str, Any]) -> str:
    points = (entry["measures"] or {}).get("points")
    if points is None:
        return str(entry["verdict"])
    return f"{entry['verdict']} ({points['visited'] - points['survived']} of {points['visited']} points)"


def table(told: Sequence[Told], wanted: Wanted) -> Iterator[str]:
    """What is printed."""
    heads = ("mutant", f"caught by {wanted.kills} random kills", "kills", *VISITING)
    rows = [
        (
            item.mutant,
            f"{sum(item.caught)} of {len(item.caught)} tries",
            str(item.kills),
            *(item.visited[name] for name in VISITING),
        )
        for item in told
    ]
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, mutant by mutant, and print the table so far after each."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.random_kills", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--tries", type=int, default=20, help="of each mutant (20)")
    parser.add_argument("--kills", type=int, default=200, help="of each try (200)")
    parser.add_argument(
        "--pace", type=float, default=2.0, help="seconds between two cycles (2, as in row 3.4)"
    )
    parser.add_argument("--at-once", type=int, default=10, help="tries side by side (10)")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of all kills (1)")
    names = ", ".join((*MUTANTS, HEALTHY.name))
    parser.add_argument("mutants", nargs="*", help=f"({names}: the bot that nobody broke, as a control)")
    given = vars(parser.parse_args(arguments))
    chosen = given.pop("mutants") or [*MUTANTS, HEALTHY.name]
    wanted = Wanted(**given)
    told: list[Told] = []
    for name in chosen:
        began = time.monotonic()
        told.append(compare(HEALTHY if name == HEALTHY.name else load(FOLDER / f"{name}.yml"), wanted))
        print(f"\n{name}: {time.monotonic() - began:.0f} s", *table(told, wanted), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
