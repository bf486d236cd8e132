"""Samples that a host sent, from wherever its engine put them: nothing in them is believed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_controller.untrusted.bounded_json import open_regular
from fleet_stress.store import sample_lines


def samples_of(folder: Path, evidence: Mapping[str, Any]) -> list[Any]:
    """The samples of a scenario: of evidence that has them in itself (older engines'), or in lines beside it."""
    inside = evidence.get("samples")
    if isinstance(inside, list) and inside:
        return inside
    try:
        with open_regular(folder / sample_lines.SAMPLES) as (stream, _):
            return sample_lines.read(stream)
    except OSError:
        return []
