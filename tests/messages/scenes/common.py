"""What the scenes share."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.runs import run_folder

from fleet_stress.store.layout import MARKER


class Told(Exception):
    """What was said where nothing is raised."""


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
