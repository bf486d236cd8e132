"""What failures leave behind: a quantity of the bot as its failures add up, compared with a time without any. Pure.

A leak goes on: each failure costs something. So only the second half of the failures is looked at, cut into blocks of
as many samples each. Of a block the lowest counts (its *floor*): what is open, or not yet collected, just at a look is
no leak. A pool that grows once and stays has equal floors, and so have teeth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

#: Of the second half. By chance, so many floors rise from each to the next once in 120 times.
BLOCKS = 5
#: In each block.
_SAMPLES = 3
#: A growth that ends slows down: its later half is less than this share of its earlier one.
_GOES_ON = 0.5
#: What moves without failures, moves with them: growth counts beyond so many times of that.
_TIMES = 2.0


class Moment(NamedTuple):
    """A sample: failures and cycles before it, and the quantity."""

    failures: int
    cycles: int
    value: float


class Cost(NamedTuple):
    """What the second half of the failures cost."""

    #: The first and the last floor.
    before: float
    after: float
    #: How many failures lie between their blocks.
    failures: int
    #: By how much the quantity moved in as many cycles without failures.
    moved: float

    @property
    def each(self) -> float:
        """Of one failure."""
        return (self.after - self.before) / self.failures


class TooFew(Exception):
    """The samples do not tell; the message says why."""


def cost(control: Sequence[Moment], failing: Sequence[Moment], failures: int) -> Cost | None:
    """What so many failures cost; None: nothing that goes on. Raises TooFew.

    ``control`` are samples before the first failure, after the bot has warmed up; ``failing`` are those since.
    """
    half = failures // 2
    late = [moment for moment in failing if moment.failures > failures - half]
    blocks = [late[n * len(late) // BLOCKS : (n + 1) * len(late) // BLOCKS] for n in range(BLOCKS)]
    add_up = all(
        before[0].failures < block[0].failures
        for before, block in zip(blocks, blocks[1:])
        if before and block
    )
    if len(late) < _SAMPLES * BLOCKS or not add_up:
        raise TooFew(f"{len(late)} samples over the last {half} of {failures}")
    cycles, quiet = late[-1].cycles - late[0].cycles, control[-1].cycles - control[0].cycles if control else 0
    if len(control) < BLOCKS or not quiet:
        raise TooFew(f"{len(control)} samples over {quiet} cycles before the first")
    values = [moment.value for moment in control]
    floors = [min(moment.value for moment in block) for block in blocks]
    first, middle, last = floors[0], floors[BLOCKS // 2], floors[-1]
    moved = (max(values) - min(values)) * max(1.0, cycles / quiet)
    rises = all(low < high for low, high in zip(floors, floors[1:]))
    if rises and last - middle >= _GOES_ON * (middle - first) and last - first > _TIMES * moved:
        return Cost(first, last, blocks[-1][0].failures - blocks[0][0].failures, moved)
    return None
