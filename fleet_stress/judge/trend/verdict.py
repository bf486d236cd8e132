"""What a series is, and what was found of it: the way in and the way out of this room.

Times are hours, or cycles, or whatever the caller counts in; values are bytes, handles, threads, seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

Outcome = Literal["grows", "steady", "unclear"]


class Series(NamedTuple):
    """Samples in order of time, with gaps where some are missing."""

    at: Sequence[float]
    values: Sequence[float]
    #: Indexes of the samples that are the first of a new process: each begins anew, with a warm-up of its own.
    restarts: Sequence[int] = ()


class Step(NamedTuple):
    """A jump from one sample to the next, after which the value stayed."""

    at: float
    by: float


class Trend(NamedTuple):
    """What was found. Times and slopes are in the units of the series."""

    #: ``grows``: a leak. ``steady``: none larger than what is tolerated. ``unclear``: not enough data for either.
    outcome: Outcome
    #: How it was decided: ``slope``, ``stairs``, ``limit``; ``flat``, ``small``, ``slowing``; ``few``, ``noisy``,
    #: ``early``.
    by: str
    #: Samples that were judged.
    samples: int
    #: Until when it warmed up; the time of the first sample, where it did not.
    warm_up_until: float
    #: The part of the last process that the line below describes: a leak may start late.
    since: float
    until: float
    #: The line: its height at ``since``, and its slope for each unit of time, with the ends of its interval of 95 %.
    level: float
    slope: float
    low: float
    high: float
    #: Mann-Kendall, corrected for autocorrelation, one-sided: how likely such a rise is without a trend.
    p_value: float
    #: Steps that were taken out.
    steps: tuple[Step, ...] = ()
    #: The period of the teeth that were taken out, or None.
    teeth: float | None = None
    #: How much longer it has to be watched for a decision (units of time); None where it is decided, or nobody knows.
    more: float | None = None

    def line(self, at: float) -> float:
        """The height of the line at a time."""
        return self.level + self.slope * (at - self.since)

    def band(self, at: float) -> tuple[float, float]:
        """The heights at a time of lines with the slopes at the ends of the interval, through the line's middle."""
        middle = (self.since + self.until) / 2
        one, other = (self.line(middle) + slope * (at - middle) for slope in (self.low, self.high))
        return min(one, other), max(one, other)

    def reaches(self, limit: float) -> tuple[float, float] | None:
        """Between which times the line reaches a limit; the later may be infinite. None: the bot does not grow."""
        if self.outcome != "grows" or self.high <= 0:
            return None
        room = max(0.0, limit - self.line(self.until))
        late = self.until + room / self.low if self.low > 0 else float("inf")
        return self.until + room / self.high, late
