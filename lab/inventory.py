"""How to log in to a lab's hosts: as options of ssh, and as an inventory for Ansible."""

from __future__ import annotations

import json
import os
import shlex
import sys

from lab import layers, reach, record
from lab.record import Folder

#: So many bots a processor carries without being late.
_BOTS_A_CORE = 10


def options(folder: Folder) -> list[str]:
    """What ssh is to be told: host keys are checked against the lab's own, and nobody's configuration is read."""
    helper = [sys.executable, "-ES", reach.__file__, str(folder.path)]
    said = {
        "UserKnownHostsFile": f'"{folder.known_hosts}"',
        "GlobalKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "yes",
        "HashKnownHosts": "no",
        "IdentitiesOnly": "yes",
        "ProxyUseFdpass": "yes",
        "ProxyCommand": shlex.join(helper).replace("%", "%%") + " %h %p",
    }
    return ["-F", "none", *(word for key, value in said.items() for word in ("-o", f"{key}={value}"))]


def address(identity: str, host: str) -> str:
    """By what name ssh reaches a host.

    It carries the lab's id: Ansible names its open connections after host, port and user, and one to a lab of the
    past must not be taken for this one's.
    """
    return f"{host}.{identity}"


def write(folder: Folder) -> None:
    """Write the inventory of a lab that is up into its folder, as YAML."""
    document = record.read(folder)
    assert document is not None
    lines = ["# A lab's hosts (docs/lab.md); good for as long as it is up."]
    macs = document.get("macs", [])
    for group, names in (
        ("linux", [host for host in document["hosts"] if host not in macs]),
        ("macos", macs),
    ):
        lines += [f"{group}:", "  hosts:"] if names else []
        for name in names:
            lines += [f"    {name}:", f"      ansible_host: {address(document['id'], name)}"]
    if macs:
        lines += ["  vars:", "    stress_dir: /usr/local/var/fleet-stress"]
    lines += ["all:"]
    variables = {
        "stress_allowed": True,
        # Each takes this machine's processors for its own; what they carry together is divided.
        "stress_bots_at_once": max(1, (os.cpu_count() or 1) * _BOTS_A_CORE // len(document["hosts"])),
        "ansible_user": layers.USER,
        "ansible_ssh_private_key_file": str(folder.key),
        "ansible_ssh_common_args": shlex.join(options(folder)),
    }
    lines += ["  vars:", *(f"    {name}: {json.dumps(value)}" for name, value in variables.items())]
    folder.inventory.write_text("\n".join(lines) + "\n", "utf-8")
