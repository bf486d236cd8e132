"""A bot that leaves more files with each start is started more often."""

import pytest

from fleet_stress.scenario.piling_up import files_pile_up


def evidence(*counts):
    files = {f"log/run-{number}.log": {"ours": False} for number in range(max(counts, default=0))}
    ours = {"log/fleet-stress-fill.bin": {"ours": True}}
    names = [f"snapshots/{number:02d}-after" for number in range(len(counts))]
    return {
        "starts": [{"after": name} for name in names] + [{"after": None}],
        "snapshots": {
            name: {"files": {**dict(list(files.items())[:count]), **ours}}
            for name, count in zip(names, counts, strict=True)
        },
    }


@pytest.mark.parametrize(
    ("counts", "more"), [((), False), ((1,), False), ((1, 2, 3), True), ((9, 10, 10), False), ((3, 2), False)]
)
def test_while_the_newest_start_has_left_more_than_the_one_before(counts, more):
    assert files_pile_up(evidence(*counts)) is more
