"""What this machine cannot do is skipped, and says why: a test only carries the marker."""

import os
import sys
from pathlib import Path

import pytest

NEEDS = {
    "root": (os.geteuid() == 0, "needs root: run `make test` as root"),
    "linux": (sys.platform == "linux", "needs Linux"),
    "realbot": (
        Path(os.environ.get("FLEET_STRESS_REAL_BOT") or "/nonexistent").is_dir(),
        "needs a real bot: FLEET_STRESS_REAL_BOT=/path/to/it make test",
    ),
}


def pytest_runtest_setup(item):
    for marker, (met, reason) in NEEDS.items():
        if item.get_closest_marker(marker) and not met:
            pytest.skip(reason)
