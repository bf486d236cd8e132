"""What this machine cannot do is skipped, and says why: a test only carries the marker. The longest start first."""

import json
import os
import runpy
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import in_memory
from tests.durations import TYPICAL, Durations
from tests.schedule import Schedule, longest_first

# A test's own time has no limit: the host may be busy.
_ANY = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("ci", max_examples=40, **_ANY)
settings.register_profile("nightly", max_examples=500, **_ANY)
settings.load_profile("ci")

IN_MEMORY = pytest.StashKey[Path]()
PASSED = pytest.StashKey[bool]()

NEEDS = {
    "root": (os.geteuid() == 0, "needs root: run `make test` as root"),
    "linux": (sys.platform == "linux", "needs Linux"),
    "macos": (sys.platform == "darwin", "needs a Mac"),
    "secondbot": (
        os.environ.get("FLEET_STRESS_SECOND_BOT") == "1",
        "needs a package index, 600 MB and some minutes: FLEET_STRESS_SECOND_BOT=1 make test",
    ),
    "realbot": (
        Path(os.environ.get("FLEET_STRESS_REAL_BOT") or "/nonexistent").is_dir(),
        "needs a real bot: FLEET_STRESS_REAL_BOT=/path/to/it make test",
    ),
}


@pytest.hookimpl(tryfirst=True)  # before pytest makes its own of the option
def pytest_configure(config):
    if (
        "FLEET_STRESS_TESTS" not in os.environ
        and not config.option.collectonly
        and (folder := in_memory.mount())
    ):
        os.environ["FLEET_STRESS_TESTS"] = str(folder)
        config.stash[IN_MEMORY] = folder
        # Short: a socket's path has 107 characters. Workers of xdist have theirs in it.
        config.option.basetemp = config.option.basetemp or str(folder / "pytest-0")


def pytest_unconfigure(config):
    folder = config.stash.get(IN_MEMORY, None)
    if folder and config.stash.get(PASSED, False):
        in_memory.unmount(folder)


def pytest_runtest_setup(item):
    for marker, (met, reason) in NEEDS.items():
        if item.get_closest_marker(marker) and not met:
            pytest.skip(reason)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return Schedule(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    longest_first(items, json.loads(TYPICAL.read_text(encoding="utf-8")))


DURATIONS = Durations()


def pytest_runtest_logreport(report):
    DURATIONS.add(report)


def pytest_sessionfinish(session):
    session.config.stash[PASSED] = not session.exitstatus
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        DURATIONS.write()


def pytest_terminal_summary(terminalreporter):
    # Here and not beside the tests that tell: with xdist the process that prints collects nothing, and so loads
    # no other conftest.
    reports = [
        item for some in terminalreporter.stats.values() for item in some if hasattr(item, "user_properties")
    ]
    for name in ("mutants", "chaos"):
        table = runpy.run_path(str(Path(__file__).with_name(name) / "table.py"))
        told = [
            json.loads(value)
            for report in reports
            if getattr(report, "when", "") == "call"
            for key, value in report.user_properties
            if key == name
        ]
        lines = list(table["lines"](told))
        if lines:
            terminalreporter.section(name)
            terminalreporter.write_line("\n".join(lines))
