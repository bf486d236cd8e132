"""Plays that connect to nobody still need a name to run for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fleet_controller.ansible import before_plays
from fleet_controller.hosts.targets import targets
from fleet_controller.messages.errors import UserError

#: Ansible knows it in every inventory, an empty one too.
_HERE = "localhost"


def stress_anyone(groups: Mapping[str, Sequence[str]], limit: Any = "all") -> str:
    """One host that Ansible lets a play have, whatever inventory and limit there are; it is not connected to."""
    if not any(groups.values()):
        return _HERE
    try:
        return targets(groups, limit)[0]
    except UserError as problem:
        before_plays.refuse(problem)


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"stress_anyone": stress_anyone}
