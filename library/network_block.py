#!/usr/bin/python
"""Hosts that cannot be reached, held by an operator: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: network_block
short_description: Block what a user or a control group sends to some hosts
version_added: "0.1.0"
description:
  - Drops or rejects packets that processes of one user, or of one control group, send to some hosts. It covers both
    address families and all current addresses of the names, in one chain of our own per family. No other rule is
    changed.
  - How to undo it is on disk before it is applied. It ends with its O(lease), by V(state=absent), or by
    C(playbooks/recover.yml -e recover=force). While it is active, no run begins on the host. A reboot ends it.
  - Runs with the interpreter of the engine, as root.
options:
  stress_dir:
    description: The stress folder of that host (the one with the marker file).
    type: path
    required: true
  name:
    description: Name of the block, to distinguish it from others. Not V(ram_volume:…), which is a held volume's.
    type: str
    default: network_block
  hosts:
    description: Names or addresses. Needed for V(state=present).
    type: list
    elements: str
    default: []
  how:
    description: V(drop) discards packets silently; V(reject) notifies the sender at once.
    type: str
    choices: [drop, reject]
    default: drop
  user:
    description:
      - The user whose packets are blocked. Never an account that you log in with.
      - Either this or O(cgroup), for V(state=present).
    type: str
  cgroup:
    description: Path of a control group (version 2), relative to its hierarchy, whose packets are blocked.
    type: str
  lease:
    description:
      - Seconds that it may be active; then a watchdog on the host removes it, even if the controller is gone.
        Running the same task again renews the lease, and is not a change.
    type: float
    default: 3600
  latest:
    description: Latest end, in seconds from the beginning, beyond which it is not renewed. By default there is none.
    type: float
  holder:
    description:
      - Id of whoever holds it. Whoever gives another id neither replaces nor renews nor removes it, which is no change.
        Without an id, everybody does.
    type: str
  state:
    description: Whether the block is active.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode: {description: Says what would change.}
  diff_mode: {description: Shows the blocked addresses., support: full}
extends_documentation_fragment: [stress.linux]
"""

EXAMPLES = r"""
- name: Keep the bots' user from an exchange
  network_block:
    stress_dir: /var/lib/fleet-stress
    hosts: [api.coingecko.com, clob.polymarket.com]
    how: drop
    user: fleet-stress

- name: Let the traffic through again
  network_block:
    stress_dir: /var/lib/fleet-stress
    state: absent
"""

RETURN = r"""
chain:
  description: The chain that holds the rules, in both families.
  returned: always
  type: str
  sample: FS_0a1b2c3d
addresses:
  description: The current addresses of the hosts.
  returned: when O(state=present)
  type: list
  elements: str
  sample: [192.0.2.10, "2001:db8::a"]
"""

import pwd
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.recovery import halt
    from fleet_stress.recovery.manual import block as held_block
    from fleet_stress.recovery.manual import records
    from fleet_stress.recovery.manual.renew import renew
    from fleet_stress.recovery.undo import NotUndone
    from fleet_stress.recovery.watchdog import NotArmed
    from fleet_stress.store import layout
    from fleet_stress.system.network import iptables
    from fleet_stress.system.network.packet_rules import PacketFilterFailed
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None

ARGUMENTS = {
    "stress_dir": {"type": "path", "required": True},
    "name": {"type": "str", "default": "network_block"},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "how": {"type": "str", "choices": ["drop", "reject"], "default": "drop"},
    "user": {"type": "str"},
    "cgroup": {"type": "str"},
    "lease": {"type": "float", "default": 3600},
    "latest": {"type": "float"},
    "holder": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Compare, change, tell."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        mutually_exclusive=[("user", "cgroup")],
        required_if=[("state", "present", ("user", "cgroup"), True)],
        supports_check_mode=True,
    )
    if MISSING is not None:
        reason = "run the provision stage, which installs it"
        module.fail_json(msg=missing_required_lib("fleet_stress", reason=reason), exception=str(MISSING))
    asked, stress_dir = module.params, Path(module.params["stress_dir"])
    if not (stress_dir / layout.MARKER).is_file():
        module.fail_json(msg=f"{stress_dir} does not carry {layout.MARKER}; give the stress_dir of this host")
    if asked["name"].startswith("ram_volume:"):  # both have one journal, by name
        module.fail_json(
            msg=f"name: {asked['name']} is kept for a held volume of that folder; give the block another name"
        )
    present = asked["state"] == "present"
    addresses = list(
        dict.fromkeys(address for name in asked["hosts"] for address in iptables.addresses(name))
    )
    unknown = [name for name in asked["hosts"] if not iptables.addresses(name)]
    if present and (unknown or not addresses):
        unknown_hosts = ", ".join(unknown) or "no hosts were given"
        do = "name hosts that this one can look up, or addresses"
        module.fail_json(msg=f"no address is known of: {unknown_hosts}; {do}")
    halted = halt.sentence(stress_dir) if present else None
    if halted:
        module.fail_json(msg=halted)
    try:
        only = _only(asked) if present else ()
        wanted = held_block.HostBlock(stress_dir, asked["name"], addresses, asked["how"], only)
        before = held_block.active_rules(wanted.chain)
        within = records.held(stress_dir).get(wanted.name, 0) > 0
        theirs = records.held_by_another(stress_dir, wanted.name, asked["holder"])
        changed = not theirs and (
            not (within and held_block.is_active(wanted)) if present else held_block.anything_left(wanted)
        )
        if changed and not module.check_mode:
            if present:
                held_block.hold(wanted, asked["lease"], asked["latest"], asked["holder"])
            else:
                held_block.release(wanted, asked["holder"])
        elif present and not theirs and not module.check_mode:
            renew(stress_dir, wanted.name, asked["lease"], asked["holder"])
    except (OSError, LookupError, PacketFilterFailed, NotArmed, NotUndone) as problem:
        module.fail_json(msg=str(problem))
    after = held_block.rules_of(wanted) if present else []
    module.exit_json(
        changed=changed,
        chain=wanted.chain,
        addresses=addresses,
        diff={
            name: "".join(f"{line}\n" for line in lines)
            for name, lines in (("before", before), ("after", after))
        },
    )


def _only(asked: dict[str, str]) -> list[str]:
    if asked["cgroup"]:
        return ["-m", "cgroup", "--path", asked["cgroup"].strip("/")]
    uid = int(asked["user"]) if asked["user"].isdigit() else pwd.getpwnam(asked["user"]).pw_uid
    if uid == 0:
        raise OSError("root is never blocked: that could cut the line that we came in by")
    return ["-m", "owner", "--uid-owner", str(uid)]


if __name__ == "__main__":
    main()
