"""What every fault promises, on every system: it bites and says so, it is gone afterwards, and a death leaves nothing.

``linux`` is this machine. ``macos`` is a Mac made of doubles: what runs there is the engine's real code for macOS,
against programs that keep to their manual pages; nothing of it says that a Mac does the same.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.experiments import EXPERIMENTS, NOT_ON_MACOS
from tests.contract.worlds import WORLDS
from tests.unit.engine.faulty_fs.conftest import place  # noqa: F401

pytestmark = [pytest.mark.root, pytest.mark.linux]

_ROOT = Path(__file__).parents[2]
#: So long a driver may take, in seconds: deadlines, not expectations. ``some`` starts hundreds of programs.
_WITHIN = {"life": 280, "unmet": 280, "unable": 280, "some": 1100, "kills": 3500}
#: What must be on disk before, by system: what the kernel does not take away itself.
UNDO = {
    ("linux", "fill"): ["remove_named"],
    ("macos", "fill"): ["remove_named"],
    ("linux", "vanish"): ["put_back"],
    ("macos", "vanish"): ["put_back"],
    ("linux", "slow_disk"): ["unmount"],
    ("linux", "faulty_fs"): ["unmount"],
    ("macos", "ram_volume"): ["ram_device", "shown_folder"],
    ("macos", "ram_volume, both folders"): ["ram_device", "shown_folder", "shown_folder"],
    ("macos", "ram_volume, all but these"): ["ram_device", *["shown_folder"] * 3],
    ("macos", "network_block, drop"): ["pf_anchor"],
    ("macos", "network_block, reject"): ["pf_anchor"],
    ("macos", "network_cut"): ["pf_anchor"],
}
#: What dies as another of them does: `make test-long` kills it as well.
ALIKE = {("macos", "ram_volume"), ("macos", "ram_volume, all but these"), ("macos", "network_block, reject")}
#: Links that are down show that by themselves.
SHOWS_ITSELF = {("linux", "network_cut")}

every_world = pytest.mark.parametrize("world", WORLDS)
every_fault = pytest.mark.parametrize("experiment", EXPERIMENTS)


@pytest.fixture
def told(place):  # noqa: F811
    """``told(world, experiment, what)``: what came of it, in a process of its own."""

    def told(*words):
        argv = [sys.executable, "-m", "tests.contract.driver", *words, str(place)]
        done = subprocess.run(
            argv,
            capture_output=True,
            text=True,
            timeout=_WITHIN[words[2]],
            check=False,
            cwd=_ROOT,
        )
        assert done.returncode == 0, done.stderr
        said = json.loads(done.stdout)
        assert "failed" not in said, said["failed"]
        return said

    return told


@every_world
@every_fault
def test_it_bites_says_so_and_is_gone(told, world, experiment):
    seen = told(world, experiment, "life")

    assert seen["supported"] is None
    assert seen["undo"] == UNDO.get((world, experiment), [])
    assert seen["entry"]["bit"] is True, seen["entry"]["proof"]
    assert (seen["before"], seen["during"], seen["after"]) in [(True, False, True), (None, None, None)]
    assert seen["left"] == seen["failed_to_undo"] == []


@every_world
@pytest.mark.parametrize("experiment", [name for name, item in EXPERIMENTS.items() if item.needs_use])
def test_what_nobody_met_has_not_bitten(told, world, experiment):
    seen = told(world, experiment, "unmet")

    assert seen["entry"]["bit"] is ((world, experiment) in SHOWS_ITSELF), seen["entry"]["proof"]
    assert seen["left"] == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("world", "experiment"),
    [pytest.param(*which, marks=[pytest.mark.long] if which in ALIKE else []) for which in UNDO],
)
def test_a_death_leaves_nothing(told, world, experiment):
    """The others leave only their folder and their processes: tests/unit/engine/recovery/test_safety_machine.py."""
    look_at(told(world, experiment, "some"), world, experiment)


@pytest.mark.long
@pytest.mark.timeout(3600)
@every_world
@every_fault
def test_a_death_at_any_step_leaves_nothing(told, world, experiment):
    look_at(told(world, experiment, "kills"), world, experiment)


@pytest.mark.parametrize("fault", NOT_ON_MACOS)
def test_what_only_linux_has_is_skipped_on_macos_and_says_so(told, fault):
    cannot = told("macos", fault, "unable")["unable"]

    assert cannot, "it may be had on macOS: an experiment tries it on both systems"
    assert cannot["reason"] and cannot["enable"]


def look_at(seen, world, experiment):
    assert seen["kills"]
    for kill in seen["kills"]:
        assert kill["status"] == -9, kill
        assert kill["left"] == kill["failed_to_undo"] == kill["undone_again"] == [], kill
        assert kill["folders"], kill
    if (world, experiment) in UNDO:
        assert seen["steps"] > len(UNDO[world, experiment]), "steps are counted at all"
