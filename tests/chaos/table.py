"""The table at the end of `make chaos`: by kind, at how many moments what was done, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any


def lines(told: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The table, or nothing where there was no chaos."""
    if not told:
        return
    yield (
        f"{'done to':24} {'moments':>7} {'all passed':>10} {'with errors':>11} {'again':>5} {'wrong':>5}"
        f" {'leftovers':>9} {'doubles':>7}"
    )
    for kind in dict.fromkeys(item["kind"] for item in told):
        mine = [item for item in told if item["kind"] == kind and item["done"]]
        passed = [item for item in mine if set(item["verdicts"].values()) == {"passed"}]
        yield (
            f"{kind:24} {len(mine):7} {len(passed):10} {len(mine) - len(passed):11}"
            f" {sum(item['again'] > 0 for item in mine):5} {_sum(mine, 'wrong'):5}"
            f" {_sum(mine, 'leftovers'):9} {_sum(mine, 'doubles'):7}"
        )
    done = [item for item in told if item["done"]]
    yield ""
    yield (
        f"{len(done)} moments: leftovers {_sum(told, 'leftovers')}, doubles {_sum(told, 'doubles')},"
        f" wrong verdicts {_sum(told, 'wrong')}; {len(told) - len(done)} came too late to be done"
    )


def _sum(told: list[dict[str, Any]], name: str) -> int:
    return sum(len(item[name]) for item in told)
