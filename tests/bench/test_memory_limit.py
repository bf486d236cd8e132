"""How far a leak is from what is healthy is told in widths of its noise."""

import pytest

from tests.bench.memory_limit import distance
from tests.bench.shapes import EVERY, MB, SAMPLES, Made

HOURS = [index * EVERY for index in range(SAMPLES)]


def a_line(rises, *, wide):
    plain = [(100 + rises * at) * MB for at in HOURS]
    return Made("leak:straight", HOURS, plain, [], rises / 100, plain, wide * MB, 0.0)


def test_what_is_level_is_no_distance_from_it():
    assert distance(a_line(0, wide=1)) == pytest.approx(0, abs=0.01)


def test_half_the_noise_is_twice_the_distance():
    far = distance(a_line(8, wide=1))

    assert far > 1
    assert distance(a_line(8, wide=0.5)) == pytest.approx(2 * far)
