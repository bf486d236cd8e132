"""What the scenes share."""

from __future__ import annotations

import importlib.util
import io
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.runs import run_folder

from fleet_stress.store.layout import MARKER
from tests.messages.catalogue import ROOT


class Told(Exception):
    """What was said where nothing is raised."""


def loaded(path: str) -> Any:
    """A file that is no part of a package, as a Python module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SINCE = "2026-11-24T14:12:00+00:00"


def _marked(tmp: Path) -> Path:
    (tmp / MARKER).touch()
    return tmp


def _archive(tmp: Path, *members: tarfile.TarInfo) -> Path:
    path = tmp / "bot.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    (tmp / "into").mkdir()
    return path


def _member(name: str, **about: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for word, value in about.items():
        setattr(member, word, value)
    return member


def _named_runs() -> Any:
    """The next two runs have ids that are always the same."""
    return mock.patch.object(
        run_folder, "new_id", side_effect=["20261124-141200-000001", "20261124-141300-000002"]
    )


def _tell(text: str) -> None:
    raise Told(text)
