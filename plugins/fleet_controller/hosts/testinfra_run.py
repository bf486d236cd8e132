"""pytest with pytest-testinfra, told on standard input what Ansible knows of the hosts.

By itself pytest-testinfra runs ansible-inventory, which takes a second, knows no ``-e ansible_port=…`` and resolves no
template. On standard input, since a host's password is for no disk and no list of processes.

    python -m fleet_controller.hosts.testinfra_run PYTEST_ARGUMENTS < inventory.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

#: The variables of a host that pytest-testinfra reads (its ``utils/ansible_runner.py``), and how Ansible spells them.
CONNECTION = {
    "ansible_connection": (),
    "ansible_host": ("ansible_ssh_host",),
    "ansible_port": ("ansible_ssh_port",),
    "ansible_user": ("ansible_ssh_user",),
    "ansible_ssh_pass": ("ansible_ssh_password", "ansible_password"),
    "ansible_ssh_private_key_file": ("ansible_private_key_file",),
    "ansible_ssh_common_args": (),
    "ansible_ssh_extra_args": (),
    "ansible_become": (),
    "ansible_become_user": (),
}


def inventory(variables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What ``ansible-inventory --list`` would say of these hosts, by their variables."""
    known = {host: _connection(found) for host, found in variables.items()}
    return {"_meta": {"hostvars": known}, "all": {"hosts": sorted(known)}}


def _connection(found: Mapping[str, Any]) -> dict[str, Any]:
    """Its own name first; each variable is asked for once, since Ansible resolves its template anew each time."""
    known = {}
    for name, others in CONNECTION.items():
        for word in (name, *others):
            if (value := found.get(word)) is not None:
                known[name] = value
                break
    return known


def main() -> int:
    """Run pytest; its exit code."""
    import pytest
    from testinfra.utils.ansible_runner import AnsibleRunner

    AnsibleRunner.get_runner(None).inventory = json.load(sys.stdin)
    return int(pytest.main(sys.argv[1:]))


if __name__ == "__main__":
    sys.exit(main())
