"""A plug-in is found by the name of its file, and only the one that is asked for is imported."""

import importlib
import subprocess
import sys

import pytest

from fleet_stress.store.discovery import PlugIns

BASE = """
import abc


class Base(abc.ABC):
    @abc.abstractmethod
    def act(self): ...
"""
PLUG_IN = """
from weather_{id}.base import Base


class Half(Base):
    name = "half"


class Whole(Half):
    name = "{name}"

    def act(self): ...
"""


@pytest.fixture
def weather(tmp_path, monkeypatch):
    """``weather(modules)``: a package of these plug-ins, their names by module, in a folder below it."""
    package = f"weather_{tmp_path.name}".replace("-", "_")
    monkeypatch.syspath_prepend(tmp_path)

    def make(**modules):
        folder = tmp_path / package / "clouds"
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
        (folder.parent / "__init__.py").touch()
        (folder.parent / "base.py").write_text(BASE)
        for module, name in modules.items():
            text = PLUG_IN.format(id=package.removeprefix("weather_"), name=name)
            (folder / f"{module}.py").write_text(text)
        whole = importlib.import_module(package)
        base = importlib.import_module(f"{package}.base").Base
        return PlugIns(whole.__path__, package, base)

    return make


def imported(plug_ins):
    return {
        name.rpartition(".")[2] for name in sys.modules if name.startswith(f"{plug_ins._package}.clouds.")
    }


def test_only_what_is_asked_for_is_imported(weather):
    found = weather(rain="rain", snow="snow")

    assert found["rain"].name == "rain"
    assert imported(found) == {"rain"}
    assert list(found) == ["rain", "snow"]
    assert imported(found) == {"rain", "snow"}


def test_neither_a_base_nor_a_name_without_a_file_is_a_plug_in(weather):
    found = weather(rain="rain")

    assert list(found) == ["rain"]
    assert len(found) == 1
    assert found.get("base") is None
    with pytest.raises(KeyError, match="hail"):
        found["hail"]


def test_a_file_that_is_not_named_after_its_plug_in_is_refused(weather):
    found = weather(rain="drizzle")

    with pytest.raises(
        TypeError, match=r"clouds.rain: its plug-in is called 'drizzle'. Name the file after it"
    ):
        found["rain"]


@pytest.mark.parametrize(
    ("process", "folder"),
    [("scenario.arena_process", "faults"), ("run.supervisor", "faults"), ("run.supervisor", "judge.checks")],
)
def test_no_process_imports_them_all(process, folder):
    looks = (
        f"import sys, fleet_stress.{process}; import fleet_stress.{folder};"
        f"sys.exit(len([name for name in sys.modules if name.startswith('fleet_stress.{folder}.')]) > 6)"
    )
    subprocess.run([sys.executable, "-I", "-c", looks], check=True)
