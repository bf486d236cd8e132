"""A folder of ours in a mount namespace of the test's own, and a volume that is wanted there."""

import os
import signal
import time

import pytest

from fleet_stress import system
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.manual import volume as held_volume
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


@pytest.fixture
def hold_and_die():
    """``hold_and_die(volume, seconds, moment, last)``: a process that holds it dies ``before`` or ``after`` the mount.

    ``last`` is what it does at last.
    """

    def hold(volume, seconds, moment, last=lambda: None):
        really = system.mount_ram_volume

        def dies(*arguments, **options):
            if moment == "after":
                really(*arguments, **options)
            last()
            os.kill(os.getpid(), signal.SIGKILL)

        child = os.fork()
        if child == 0:
            system.mount_ram_volume = dies
            held_volume.hold(volume, seconds)
        os.waitpid(child, 0)

    return hold


@pytest.fixture
def until_nothing_is_held(stress_dir):
    """Waits for the watchdog."""

    def wait():
        deadline = time.monotonic() + 60
        while records.held(stress_dir) and time.monotonic() < deadline:
            time.sleep(0.05)

    return wait
