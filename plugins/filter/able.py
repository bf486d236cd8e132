"""What hosts said that they can do, for ``playbooks/list.yml``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fleet_controller.report.capabilities_table import answers


def stress_answers(hosts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """As ``fleet_controller.report.capabilities_table.answers``."""
    return answers(hosts)


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"stress_answers": stress_answers}
