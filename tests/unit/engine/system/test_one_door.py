"""The door offers the same names on every system."""

import importlib
from pathlib import Path

import pytest

from fleet_stress import system

_ROOM = Path(system.__file__).parent
_MODULES = sorted(path.stem for path in (_ROOM / "linux").glob("[!_]*.py"))


@pytest.mark.parametrize("module", _MODULES)
def test_both_systems_offer_the_same_names(module):
    linux, darwin = (
        importlib.import_module(f"fleet_stress.system.{each}.{module}") for each in ("linux", "darwin")
    )
    assert linux.__all__ == darwin.__all__
    assert all(hasattr(each, name) for each in (linux, darwin) for name in linux.__all__)


def test_the_door_offers_all_of_them():
    here = "darwin" if system.sys.platform == "darwin" else "linux"
    for module in _MODULES:
        chosen = importlib.import_module(f"fleet_stress.system.{here}.{module}")
        assert all(getattr(system, name) is getattr(chosen, name) for name in chosen.__all__)
