"""Two simpler judges of the same series, to compare with: the stress plan's rule, and a straight line."""

from __future__ import annotations

import math
from statistics import NormalDist, linear_regression, mean, median

from tests.bench.shapes import Made


def plan(made: Made) -> bool:
    """More than 20 % above the first sample, and the last hour still rose."""
    first, last = made.values[0], made.values[-1]
    hour = [value for at, value in zip(made.at, made.values, strict=True) if at >= made.at[-1] - 1]
    return last > 1.2 * first and hour[-1] > hour[0] + 0.01 * first


def line(made: Made) -> bool:
    """Least squares over what follows the first fifth: significant at 1 %, and more than 3 % in six hours."""
    at, values = made.at[len(made.at) // 5 :], made.values[len(made.at) // 5 :]
    slope, height = linear_regression(at, values)
    rest = sum((value - height - slope * moment) ** 2 for moment, value in zip(at, values, strict=True))
    error = math.sqrt(rest / (len(at) - 2) / sum((moment - mean(at)) ** 2 for moment in at))
    return 6 * slope > 0.03 * median(values) and slope > NormalDist().inv_cdf(0.99) * error
