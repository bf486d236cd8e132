"""What whoever pressed Ctrl-C is told: what goes on without them, and how to stop it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from fleet_controller.messages.text import first_of, number_of

#: So many hosts are named.
_NAMED = 5


def interrupted(hosts: Sequence[str], inventories: Sequence[str] = ()) -> str:
    """Lines for a person.

    Args:
        hosts: Those whose runs were being followed, by their names in the inventory.
        inventories: As typed behind ``-i``; none where it is the usual one.
    """
    named = first_of(hosts, _NAMED)
    where = [word for inventory in inventories for word in ("-i", inventory)]
    end = shlex.join(["ansible-playbook", "playbooks/recover.yml", *where, "-e", "recover=force"])
    halt = shlex.join(["ansible-playbook", "playbooks/halt.yml", *where, "-e", "reason=interrupted"])
    return "\n".join(
        [
            f"You stopped watching. The run goes on on {number_of(len(hosts), 'host')} ({named}).",
            "   watch it again:  the same command attaches to it",
            f"   end it:          {end}",
            f"   and forbid more: {halt}",
        ]
    )
