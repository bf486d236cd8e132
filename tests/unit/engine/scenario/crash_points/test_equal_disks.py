"""What a power cut leaves at each point of a save, and which points need no visit: all was durable there."""

import pytest

from fleet_stress.scenario.crash_points.equal_disks import disk_of, loses_nothing
from tests.unit.engine.scenario.crash_points.recorded import SAVE, recording

CAREFUL = (*SAVE, "fsync .")


def lost(forget, like, *cycle, before=CAREFUL):
    """What is lost after each operation of a cycle; ``-``: nothing."""
    done, _ = recording(before, cycle)
    answer = {"kill": "after", "forget": forget, "like": like}
    disks = [disk_of(answer, done, len(before), index) for index in range(len(cycle))]
    return ["-" if loses_nothing(disk) else disk[0] for disk in disks]


@pytest.mark.parametrize(
    ("forget", "like", "left"),
    [
        ("data", "apfs", ["-", "data", "-", "-", "-"]),
        ("entries", "ext4", ["entries", "entries", "-", "entries", "-"]),
        ("both", "apfs", ["entries", "data+entries", "-", "entries", "-"]),
        ("entries", "posix", ["entries"] * 5),
    ],
)
def test_of_a_careful_save(forget, like, left):
    assert lost(forget, like, *CAREFUL) == left


def test_of_one_that_does_not_sync_its_file():
    careless = ("create a.tmp", "write a.tmp", "rename a.tmp a", "fsync .")
    assert lost("data", "apfs", *careless) == ["-", "data", "data", "data"]


def test_what_was_not_durable_before_the_cycle_is_not_in_it():
    assert lost("entries", "ext4", "write b", before=SAVE) == ["entries"]
    assert lost("both", "apfs", "fsync b", before=("write a", "fsync .")) == ["data"]


def test_both_loses_what_one_of_them_loses_where_the_other_has_nothing_to_lose():
    done, _ = recording(CAREFUL, CAREFUL)
    at_rename = [
        disk_of({"kill": "after", "forget": forget, "like": like}, done, 5, 3)
        for forget, like in (("entries", "ext4"), ("both", "apfs"))
    ]
    assert at_rename[0] == at_rename[1]


def test_what_is_unlinked_has_nothing_to_lose():
    assert lost("data", "apfs", "create a", "write a", "unlink a") == ["-", "data", "-"]
