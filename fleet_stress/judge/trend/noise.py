"""Noise that remembers: how much of it one sample passes on to the next, and taking that out.

Noise of the first order, as in S. Yue, P. Pilon, B. Phinney and G. Cavadias, Hydrological Processes 16 (2002)
1807-1829, but with curves whitened as the values are (generalised least squares), so that no trend is taken for noise.
Samples may be missing: over a gap of g intervals, the g-th power is passed on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

#: What is estimated from few samples is not believed beyond this.
MOST = 0.93
#: Samples that are closer (in intervals) count as this close: what they share would be all.
_CLOSEST = 0.2


class Memory:
    """How samples hang together: by age, in which pieces."""

    def __init__(self, at: Sequence[float], pieces: Sequence[int]) -> None:
        """``pieces``: for each sample the number of its process; none passes noise on to the next."""
        gaps = sorted(later - earlier for earlier, later in zip(at, at[1:]) if later > earlier)
        every = gaps[len(gaps) // 2] if gaps else 1.0
        #: To the sample before, in intervals; None: the first of its piece.
        self._gaps: list[float | None] = [None]
        for earlier, later, one, other in zip(at, at[1:], pieces, pieces[1:]):
            self._gaps.append(max(_CLOSEST, (later - earlier) / every) if one == other else None)

    def strength(self, rest: Sequence[float], spent: float) -> float:
        """What neighbours share of what a fit leaves; ``spent``: the free numbers of that fit.

        A fit takes memory out of what it leaves: (1 + 3r)/n of it for a level alone (M. G. Kendall, Biometrika 41
        (1954) 403-404), about as much again for each further number.
        """
        pairs = [
            (earlier, later)
            for earlier, later, gap in zip(rest, rest[1:], self._gaps[1:])
            if gap is not None and gap < 1.5
        ]
        whole = sum(value * value for value in rest) / len(rest)
        if len(pairs) < 8 or whole <= 0:
            return 0.0
        seen = sum(earlier * later for earlier, later in pairs) / len(pairs) / whole
        return min(max(seen + (1 + 3 * max(seen, 0.0)) * spent / 2 / len(rest), 0.0), MOST)

    def whitened(self, values: Sequence[float], strength: float) -> list[float]:
        """Values without what each has from the one before; their noise has the same width as before."""
        if strength <= 0:
            return list(values)
        found = [values[0]]
        for earlier, later, gap in zip(values, values[1:], self._gaps[1:]):
            kept = 0.0 if gap is None else strength**gap
            found.append((later - kept * earlier) / math.sqrt(1 - kept * kept))
        return found
