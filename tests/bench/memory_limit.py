"""Which leaks could be told at all: ``python -m tests.bench.memory_limit [--series 1160] [--seed 1]``.

How far a leak is from the healthy sum that is most like it, in widths of its noise, which is known here, as are its
spikes and teeth. At a distance d, a judge that calls that healthy sum a leak in 1 % of cases misses at least
Phi(2.33 - d) of such leaks, whatever it does (J. Neyman and E. S. Pearson, Philosophical Transactions A 231 (1933)
289-337). Fast teeth are left out: what they hide is not noise of the first order.
"""

from __future__ import annotations

import argparse
import math
from statistics import NormalDist, fmean, median

from fleet_stress.judge.trend.curves import dictionary
from fleet_stress.judge.trend.noise import Memory
from fleet_stress.judge.trend.selection import Selection
from tests.bench.memory_series import judged, series
from tests.bench.shapes import HOURS, PAGE, Made

_NORMAL = NormalDist()
#: How far a series has to be from a healthy one that is called a leak in 1 % of cases only.
ASKED = _NORMAL.inv_cdf(0.99)
#: Curves of a healthy sum beside its levels, as ``judge/trend`` has them.
_MOST = 4


def distance(made: Made) -> float:
    """To the nearest healthy sum, in widths of the noise."""
    wide = max(made.wide, PAGE / math.sqrt(12))
    pieces = [sum(index >= restart for restart in made.restarts) for index in range(len(made.at))]
    begins = [made.at[index] for index in (0, *made.restarts)]
    ages = [at - begins[piece] for at, piece in zip(made.at, pieces, strict=True)]
    curves, base = dictionary(ages, made.plain, pieces, None, 2 * 0.03 / HOURS * median(made.plain))
    memory = Memory(made.at, [0] * len(made.at))  # noise knows nothing of restarts
    white = [curve._replace(values=memory.whitened(curve.values, made.kept)) for curve in curves]
    selection = Selection(white, base, memory.whitened(made.plain, made.kept), 0.0)
    healthy, _ = selection.best(_MOST + len(made.restarts))
    return math.sqrt(max(healthy.rest, 0.0)) / wide


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--series", type=int, default=1160)
    options.add_argument("--seed", type=int, default=1)
    asked = options.parse_args()
    leaks = [
        (made.an_hour, distance(made), judged(made).outcome != "grows")
        for made in series(asked.series, asked.seed)
        if made.an_hour >= 0.01 and "fast" not in made.kind
    ]
    print(
        f"{f'seed {asked.seed}':18}leaks   missed at least   fleet-stress   of which nearer than {ASKED:.2f}"
    )
    for name, least, most in (("2 %/h and more", 0.02, 1.0), ("1 to 2 %/h", 0.01, 0.02)):
        own = [(far, missed) for an_hour, far, missed in leaks if least <= an_hour < most]
        bound = fmean(_NORMAL.cdf(ASKED - far) for far, _ in own)
        near = [far < ASKED for far, missed in own if missed]
        print(
            f"{name:18}{len(own):>5}{bound:>18.1%}{len(near) / len(own):>15.1%}{sum(near):>14} of {len(near)}"
        )


if __name__ == "__main__":
    main()
