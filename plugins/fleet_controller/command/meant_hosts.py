"""Whether ``-i`` and ``-l`` mean any host: Ansible's own words for it name neither the hosts nor what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fleet_controller.catalogue.project import ROOT
from fleet_controller.messages.errors import UserError


def refuse_missing(inventory: str) -> None:
    """Raises UserError for an inventory that is a path, and not there; ``h1,h2`` is a list of hosts."""
    if "," not in inventory and not Path(inventory).expanduser().exists():
        why = "it says which hosts there are, and which of them may be stressed"
        do = "correct the path; or begin one: cp -r inventory/example inventory/mine, in the project's folder"
        raise UserError(f"there is no inventory {inventory}", "-i", why, do)


def refuse_nobody(inventories: Sequence[str], limit: str) -> None:
    """Raises UserError where ``limit`` (``-l``) leaves no host of the inventories; none: of the project's own."""
    os.environ.setdefault("ANSIBLE_CONFIG", str(ROOT / "ansible.cfg"))
    from ansible import constants  # slow to load, and needed for a limit alone
    from ansible.errors import AnsibleError
    from ansible.inventory.manager import InventoryManager
    from ansible.parsing.dataloader import DataLoader

    from fleet_controller.hosts.targets import targets

    try:
        inventory = InventoryManager(DataLoader(), list(inventories) or constants.DEFAULT_HOST_LIST)
    except AnsibleError:  # a vault, a plug-in of an inventory: ansible-playbook can say what is wrong with it
        return
    targets(inventory.get_groups_dict(), limit)
