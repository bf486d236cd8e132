"""What is known, now or then, is no news."""

import pytest
from fleet_controller.results.since_earlier import _group as group


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        (("failed", "failed"), ("known", "failed"), None),  # accepted
        (("known", "failed"), ("known", "failed"), None),
        (("known", "failed"), ("passed", "passed"), "fixed"),
        (("known", "failed"), ("failed", "failed"), "new"),  # something else beside it, or it has expired
        (("passed", "passed"), ("known", "not_exercised"), None),
        (("failed", "failed"), ("failed", "failed"), "still"),
        (("passed", "passed"), ("not_exercised", "not_exercised"), "unknown"),
        ((None, None), ("failed", "failed"), "new"),
    ],
)
def test_a_row_by_its_verdicts_and_what_they_prove(then, now, expected):
    assert group(*then, *now) == expected
