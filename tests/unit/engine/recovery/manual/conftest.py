"""A folder of ours in a mount namespace of the test's own, and a volume that is wanted there."""

import pytest

from fleet_stress.recovery.manual.volume import HeldVolume
from fleet_stress.recovery.recover import recover
from fleet_stress.store.layout import MARKER
from tests.unit.engine.faults import volumes


@pytest.fixture
def stress_dir(tmp_path):
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / MARKER).write_text("{}")
    with volumes.of_our_own():
        yield tmp_path / "ours"
        assert recover(tmp_path / "ours", force=True)["failed"] == []  # and so its watchdog ends


@pytest.fixture
def wanted(tmp_path):
    (tmp_path / "bot").mkdir()
    return HeldVolume(tmp_path / "ours", tmp_path / "bot", 100_000, None, (65534, 65534))
