"""What a host keeps for itself."""

import pytest

from fleet_stress import system
from fleet_stress.run import resource_floors


def test_enough_is_enough(tmp_path):
    assert resource_floors.starved(tmp_path, {"disk_floor_mb": 1, "memory_floor_mb": 1}) is None
    assert resource_floors.starved(tmp_path, {}) is None


@pytest.mark.parametrize("name", ["disk", "memory"])
def test_a_floor_that_is_passed_is_named_with_what_is_there(tmp_path, name):
    reason = resource_floors.starved(tmp_path, {f"{name}_floor_mb": 10**9})
    assert reason.startswith(f"the {name} floor: ")
    assert "1e+09 must stay" in reason


def test_memory_that_nobody_can_tell_starves_nobody(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "memory_available", lambda: 0)
    assert resource_floors.starved(tmp_path, {"memory_floor_mb": 10**9}) is None


def test_a_disk_without_room_is_full(tmp_path, monkeypatch):
    assert not resource_floors.full(tmp_path)
    monkeypatch.setattr(
        resource_floors.shutil, "disk_usage", lambda _: resource_floors.shutil._ntuple_diskusage(10, 10, 1000)
    )
    assert resource_floors.full(tmp_path)
