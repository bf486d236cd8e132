"""What the operator typed, so that it can be typed again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible import constants, context
from ansible.utils.vars import load_extra_vars

from fleet_controller.runs.repeat_command import COMMAND, PASSED_ON, extra


def inventories() -> list[str]:
    """The inventories behind ``-i`` as one types them; none where it is the usual one."""
    given = [shown(str(source)) for source in context.CLIARGS.get("inventory") or ()]
    usual = [shown(str(item)) for item in constants.DEFAULT_HOST_LIST]
    return [] if given == usual else given


def command(loader: Any) -> list[str]:
    """How a command that repeats something begins: with the inventory, unless it is the usual one.

    ``loader``: Ansible's.
    """
    said = load_extra_vars(loader)
    extras = [extra(name, said[name]) for name in PASSED_ON if name in said]
    return [
        *COMMAND,
        *(word for inventory in inventories() for word in ("-i", inventory)),
        *(word for item in extras for word in ("-e", item)),
    ]


def shown(path: str | Path) -> str:
    """A path below the current folder as one types it; anything else, such as `h1,h2`, as it is."""
    there = os.path.exists(path)  # noqa: PTH110
    relative = os.path.relpath(path) if there else str(path)
    return str(path) if relative.startswith("..") else relative
