#!/usr/bin/python
"""A small volume on a folder, held by an operator: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ram_volume
short_description: Mount a small volume in memory on a folder
version_added: "0.1.0"
description:
  - Mounts a tmpfs of a given size on an empty folder of the host, or removes it with its content. Other mounts are
    never touched, and F(/etc/fstab) is neither read nor written.
  - How to undo it is on disk before it is applied. It ends with its O(lease), by V(state=absent), or by
    C(playbooks/recover.yml -e recover=force). While it is active, no run begins on the host. A reboot ends it.
  - Runs with the interpreter of the engine, as root.
options:
  stress_dir:
    description: The stress folder of that host (the one with the marker file).
    type: path
    required: true
  path:
    description: An existing, empty folder; the path must not contain a link.
    type: path
    required: true
  size:
    description: Such as V(512KB), V(1MB) or V(20MB); 1 KB is 1024 bytes, and whole pages are given. Needed for
      V(state=present).
    type: str
  inodes:
    description: Limit of files and folders. By default only the size limits.
    type: int
  owner:
    description: Owner of the volume. Nobody else may enter it.
    type: str
    default: root
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
    description: Whether it is mounted. A volume with another size, inodes or owner is replaced by an empty one.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode: {description: Says what would change.}
  diff_mode: {description: "Shows size, inodes and owner.", support: full}
extends_documentation_fragment: [stress.linux]
"""

EXAMPLES = r"""
- name: Give the bot a state volume of 1 MB
  ram_volume:
    stress_dir: /var/lib/fleet-stress
    path: /srv/bot/state
    size: 1MB
    owner: bot

- name: Remove the volume
  ram_volume:
    stress_dir: /var/lib/fleet-stress
    path: /srv/bot/state
    state: absent
"""

RETURN = r"""
volume:
  description: Size, inodes and owner of our volume that is mounted now (in check mode, before); empty if there is none.
  type: dict
  returned: always
  sample: {"size_bytes": 1048576, "inodes": 2048, "uid": 998, "gid": 998}
"""

import pwd
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.recovery import halt
    from fleet_stress.recovery.manual import records
    from fleet_stress.recovery.manual import volume as held_volume
    from fleet_stress.recovery.manual.renew import renew
    from fleet_stress.recovery.undo import NotUndone
    from fleet_stress.recovery.watchdog import NotArmed
    from fleet_stress.store import layout, sizes
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None

ARGUMENTS = {
    "stress_dir": {"type": "path", "required": True},
    "path": {"type": "path", "required": True},
    "size": {"type": "str"},
    "inodes": {"type": "int"},
    "owner": {"type": "str", "default": "root"},
    "lease": {"type": "float", "default": 3600},
    "latest": {"type": "float"},
    "holder": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Compare, change, tell."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "present", ("size",))], supports_check_mode=True
    )
    if MISSING is not None:
        reason = "run the provision stage, which installs it"
        module.fail_json(msg=missing_required_lib("fleet_stress", reason=reason), exception=str(MISSING))
    asked, stress_dir, folder = module.params, Path(module.params["stress_dir"]), Path(module.params["path"])
    if not (stress_dir / layout.MARKER).is_file():
        module.fail_json(msg=f"{stress_dir} does not carry {layout.MARKER}; give the stress_dir of this host")
    halted = halt.sentence(stress_dir) if asked["state"] == "present" else None
    if halted:
        module.fail_json(msg=halted)
    name = held_volume.name_of(folder)
    try:
        wanted = _wanted(asked, stress_dir, folder) if asked["state"] == "present" else None
        before = held_volume.mounted_volume(stress_dir, folder)
        within = records.held(stress_dir).get(name, 0) > 0
        theirs = records.held_by_another(stress_dir, name, asked["holder"])
        changed = not theirs and (
            held_volume.anything_left(stress_dir, folder)
            if wanted is None
            else not (within and held_volume.is_active(wanted))
        )
        if wanted is not None and changed:
            held_volume.check(wanted)
        if changed and not module.check_mode:
            if wanted is None:
                held_volume.release(stress_dir, folder, asked["holder"])
            else:
                held_volume.hold(wanted, asked["lease"], asked["latest"], asked["holder"])
        elif wanted is not None and not theirs and not module.check_mode:
            renew(stress_dir, name, asked["lease"], asked["holder"])
        now = held_volume.mounted_volume(stress_dir, folder)
    except (OSError, LookupError, ValueError, held_volume.Refused, NotArmed, NotUndone) as problem:
        module.fail_json(msg=str(problem))
    after = now if not module.check_mode else None if wanted is None else held_volume.expected(wanted)
    module.exit_json(changed=changed, volume=now or {}, diff={"before": before or {}, "after": after or {}})


def _wanted(asked: dict[str, str], stress_dir: Path, folder: Path) -> held_volume.HeldVolume:
    size, inodes = sizes.in_bytes(asked["size"]), int(asked["inodes"] or 0) or None
    if not size:
        raise ValueError("a size of 0 would be no limit at all")
    owner = pwd.getpwnam(asked["owner"])
    return held_volume.HeldVolume(stress_dir, folder, size, inodes, (owner.pw_uid, owner.pw_gid))


if __name__ == "__main__":
    main()
