"""``slow_disk`` is in the catalogue, is skipped with its reason, and has no hands."""

import pytest

from fleet_stress.faults import unsupported
from fleet_stress.faults.protocol import Where
from fleet_stress.faults.slow_disk import FAULT

from .conftest import make_site


def test_it_is_supported_nowhere_and_says_why(tmp_path):
    steps = [{"verb": "fault", "args": {"fault": "slow_disk", "args": {"latency": 0.5}}}]

    cannot = unsupported(steps, Where(tmp_path, {}, None))

    assert "comes with the faulty file system" in cannot.reason
    assert cannot.enable


def test_it_is_never_applied(tmp_path):
    for call in (FAULT.apply, lambda *a: FAULT.prove(*a, {}), lambda *a: FAULT.revert(*a, {})):
        with pytest.raises(NotImplementedError):
            call(make_site(tmp_path), {"latency": 0.5})
