"""Sizes as people write them."""

import pytest

from fleet_stress.store import sizes


@pytest.mark.parametrize(
    ("written", "meant"),
    [("512B", 512), ("64KB", 65536), ("1MB", 1048576), ("20MB", 20971520), ("0B", 0), ("9999MB", 9999 << 20)],
)
def test_a_size_in_bytes(written, meant):
    assert sizes.in_bytes(written) == meant


@pytest.mark.parametrize(
    "written", ["", "MB", "1", "1 MB", "1M", "1mb", "-1MB", "01MB", "1.5MB", "1MB\n", "10000MB", "1GB"]
)
def test_anything_else_is_refused(written):
    with pytest.raises(ValueError, match="is no size"):
        sizes.in_bytes(written)


def test_nothing_at_all_must_be_asked_for_by_name():
    # To tmpfs a size of 0 is no limit.
    assert sizes.schema("x")["pattern"] == sizes.SOME != sizes.PATTERN
    assert sizes.schema("x", zero=True)["pattern"] == sizes.PATTERN


def test_so_many_bytes_for_a_person():
    assert [sizes.describe(item) for item in (12, 1536, 20 << 20)] == ["12 bytes", "1.5 KB", "20.0 MB"]
