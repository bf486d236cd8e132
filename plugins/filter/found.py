"""What is reported of hosts by the last play of an operator's playbook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fleet_controller.report.recovery_report import found


def stress_found(
    hosts: Iterable[Mapping[str, Any]],
    looked_only: bool = False,
    halted: bool | None = None,
    problems_only: bool = False,
) -> dict[str, dict[str, Any]]:
    """As ``fleet_controller.report.recovery_report.found``."""
    return found(hosts, looked_only=bool(looked_only), halted=halted, problems_only=bool(problems_only))


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter of this file."""
        return {"stress_found": stress_found}
