"""Numbers for the dashboard. The only place that uses numpy, and only when first asked."""

from __future__ import annotations

import importlib
import importlib.util
import math
import statistics
from collections.abc import Sequence


def volatility(prices: Sequence[float]) -> float:
    """Standard deviation of prices as a share of their mean; 0.0 for fewer than two prices.

    There are two cases, and they must not be mixed up. Where no numpy is installed the standard library does
    the same sum: the bot asks for no packages. Where there is one, it has to work: whatever it raises goes to
    the caller, and a number that cannot be is an ArithmeticError. To make up for a broken numpy in silence
    would hide that every other sum on this machine is in doubt.
    """
    deviation, mean = statistics.pstdev, statistics.fmean
    # Looked for, not tried: a broken numpy may well fail with "No module named 'numpy'".
    if importlib.util.find_spec("numpy") is not None:
        numpy = importlib.import_module("numpy")
        deviation, mean = numpy.std, numpy.mean
    if len(prices) < 2:
        return 0.0
    result = float(deviation(prices) / mean(prices))
    if not (math.isfinite(result) and result >= 0):
        raise ArithmeticError(f"volatility came out as {result}")
    return result
