"""What speaks against using a host, for templates: the judgement itself is ``fleet_controller/preflight.py``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet_controller.preflight import stress_probe, stress_problems, stress_sentences


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {
            "stress_probe": stress_probe,
            "stress_problems": stress_problems,
            "stress_sentences": stress_sentences,
        }
