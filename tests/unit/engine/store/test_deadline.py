"""A wait ends with what happens, or soon after its time."""

from fleet_stress.store.deadline import wait_until


def test_it_ends_as_soon_as_it_has_happened():
    looks = iter([False, False, True])
    assert wait_until(lambda: next(looks), 60.0, 0.0)
    assert list(looks) == []


def test_it_looks_once_even_where_there_is_no_time():
    assert wait_until(lambda: True, -1.0, 0.0)
    assert not wait_until(lambda: False, -1.0, 0.0)
