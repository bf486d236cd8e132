#!/usr/bin/python
"""Look at a host once: everything the playbooks need to know of it."""

# It runs before the engine is on the host, with the host's own Python, and what it sees decides whether anything is
# put there at all. It sees; plugins/fleet_controller/hosts/preflight/ judges.

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_facts
short_description: Look at a host that is to be stressed
version_added: "0.1.0"
description:
  - Collects in one call what the playbooks need to know of a host, as data.
  - It judges nothing, and never changes anything.
options:
  stress_dir:
    description:
      - The folder that is to hold everything of ours. V(~) is the home of the user that looks.
    type: str
    required: true
  relative_to:
    description:
      - Folder that a relative O(stress_dir) counts from. Empty where there is none (on a remote host).
    type: str
    default: ""
  user:
    description: Name of the unprivileged user that bots are to run as.
    type: str
    required: true
  folder_variables:
    description:
      - Environment variables that tell a bot its state and log folders. Living processes that have
        one with a folder in, above or equal to O(stress_dir) are listed.
    type: list
    elements: str
    default: []
  bot_folder:
    description: A folder on this host that the bot's code is to come from, or empty.
    type: str
    default: ""
  programs:
    description: Names of programs of the system that are looked for.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Looks only.}
  platform: {description: "Linux, and macOS with a poorer view of other processes."}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Inspect the host
  stress_facts:
    stress_dir: /var/lib/fleet-stress
    user: fleet-stress
    folder_variables: [STATE_DIR, LOG_DIR]
  register: stress_facts
"""

RETURN = r"""
system: {description: Name of the kernel., returned: always, type: str, sample: Linux}
machine: {description: Hardware name., returned: always, type: str, sample: x86_64}
release: {description: Release of the kernel., returned: always, type: str, sample: 6.1.0}
libc: {description: "V(glibc), V(musl) or V(system).", returned: always, type: str, sample: glibc}
libc_version: {description: Its version if it says so., returned: always, type: str, sample: "2.36"}
python: {description: Version of the Python that looked., returned: always, type: str, sample: 3.11.2}
python_exe: {description: Path of that Python., returned: always, type: str, sample: /usr/bin/python3}
cores: {description: Processors that may be used., returned: always, type: int, sample: 2}
memory_mb: {description: Memory (MiB) that may be used., returned: always, type: int, sample: 7800}
memory_available_mb:
  description: Memory (MiB) that can be had without swapping; null where the system does not say.
  returned: always
  type: int
  sample: 5200
disk_free_mb: {description: Free disk (MiB) at O(stress_dir)., returned: always, type: int, sample: 80000}
inodes_free: {description: Free inodes there; null if without limit., returned: always, type: int}
root: {description: Whether root looked., returned: always, type: bool, sample: true}
login: {description: The user that looked., returned: always, type: str, sample: root}
user: {description: The bots' user as asked., returned: always, type: str, sample: fleet-stress}
user_exists: {description: Whether it is there., returned: always, type: bool, sample: true}
user_ours: {description: Whether we made it., returned: always, type: bool, sample: true}
group_ours: {description: Whether it has a group to itself., returned: always, type: bool, sample: true}
user_root: {description: Whether it is root., returned: always, type: bool, sample: false}
nologin: {description: A shell that refuses logins., returned: always, type: str, sample: /usr/sbin/nologin}
stress_dir:
  description: The folder as an absolute path without links; empty if it was relative to nothing.
  returned: always
  type: str
state: {description: "V(absent), V(empty), V(ours), V(foreign).", returned: always, type: str, sample: ours}
base:
  description: The folder itself, or the nearest above it that exists.
  returned: always
  type: dict
  contains:
    path: {description: Where it is., type: str, returned: always}
    is_folder: {description: Whether it is a folder., type: bool, returned: always}
    writable: {description: Whether something can be made there., type: bool, returned: always}
    closed_at:
      description: The first folder on the way that the bots' user may not enter, or empty.
      type: str
      returned: always
    open:
      description: Folders on its real path that others than root and the login own, or may write to.
      type: list
      elements: dict
      returned: always
      contains:
        path: {description: The folder., type: str, returned: always}
        why: {description: Who may change it, as words., type: str, returned: always}
    mounted: {description: V(read-only) and V(noexec) if so mounted., type: list, returned: always}
    homes: {description: Homes of users in O(stress_dir)., type: list, returned: always}
entries: {description: Names in the folder if it is ours., returned: always, type: list, elements: str}
engines: {description: Names of complete engines., returned: always, type: list, elements: str}
engine_current: {description: The engine in use; empty if none., returned: always, type: str}
bots: {description: Names of complete private copies., returned: always, type: list, elements: str}
environments: {description: Names of complete environments., returned: always, type: list, elements: str}
stored:
  description: Wheels and archives of bots, relative to O(stress_dir); what need not be brought again.
  returned: always
  type: list
  elements: str
  sample: [wheels/0f3a/pip-26.0.1-py3-none-any.whl]
provisioned:
  description:
    - The provision stamps that the role C(bot) writes last, by their keys; RV(provisioned.touched) is whether the
      bot's copy was changed since.
  returned: always
  type: dict
  sample: {"0f3a5b7c9d1e": {"bot_copy": "/var/lib/fleet-stress/bots/reference-0f3a", "touched": false}}
programs_missing: {description: Those of O(programs) that are not there., returned: always, type: list, elements: str}
halted:
  description: Who halted the host, since when and why; null if nobody did.
  returned: always
  type: dict
  sample: {"reason": "incident 4711", "by": "ops@desk", "since": "2026-11-24T14:12:00+00:00"}
run: {description: What the holder of the host's lock wrote; null if there is none., returned: always, type: dict}
mounts: {description: Mount points in O(stress_dir)., returned: always, type: list, elements: str}
others:
  description: Living processes that are not ours and are in the way.
  returned: always
  type: list
  elements: dict
  contains:
    pid: {description: Its process id., type: int, returned: always}
    name: {description: Its program and first plain word., type: str, returned: always}
    variable: {description: What names the folder; empty for an open file., type: str, returned: always}
    path: {description: The folder, or the file that it writes., type: str, returned: always}
    lies: {description: "V(equal), V(above) or V(below) O(stress_dir).", type: str, returned: always}
bot_folder_exists: {description: Whether O(bot_folder) is one., returned: always, type: bool}
notes: {description: What could not be seen., returned: always, type: list, elements: str}
"""

import platform
import subprocess
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.stress_host.bot_user import user_facts
from ansible.module_utils.stress_host.contents import folder_facts
from ansible.module_utils.stress_host.folder import base_facts, is_folder, nearest_existing, placed
from ansible.module_utils.stress_host.machine import host_facts, missing_programs
from ansible.module_utils.stress_host.processes import in_the_way, linux_processes, other_processes


def look(parameters: dict[str, Any]) -> dict[str, Any]:
    """All facts. ``parameters`` as the module takes them."""
    notes: list[str] = []
    user = user_facts(parameters["user"])
    gids, uid = user.pop("gids"), user.pop("uid")
    folder = placed(parameters["stress_dir"], parameters["relative_to"])
    place, names = folder or Path("/"), parameters["folder_variables"]
    own_uid = uid if user["user_ours"] else None
    processes = []
    if platform.system() == "Linux":
        processes, unseen = linux_processes(names, str(place), own_uid)
        if unseen:
            notes.append(f"{unseen} processes of others could not be looked into")
    else:
        try:
            processes = other_processes(names, str(place), own_uid)
        except (OSError, subprocess.SubprocessError) as problem:
            notes.append(f"whether a living process uses {place} could not be seen: {problem}")
    source = parameters["bot_folder"]
    return {
        **host_facts(nearest_existing(place)),
        **user,
        **folder_facts(place),
        "stress_dir": str(folder or ""),
        "base": base_facts(place, uid, gids),
        "others": in_the_way(processes, str(place)) if folder else [],
        "bot_folder_exists": not source or is_folder(Path(source)),
        "programs_missing": missing_programs(parameters["programs"]),
        "notes": notes,
    }


def main() -> None:
    """Look, and answer."""
    module = AnsibleModule(
        argument_spec={
            "stress_dir": {"type": "str", "required": True},
            "relative_to": {"type": "str", "default": ""},
            "user": {"type": "str", "required": True},
            "folder_variables": {"type": "list", "elements": "str", "default": []},
            "bot_folder": {"type": "str", "default": ""},
            "programs": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    try:
        Path(module.params["stress_dir"]).expanduser()
    except RuntimeError:
        module.fail_json(
            msg=f"stress_dir {module.params['stress_dir']}: there is no such home. Give an absolute path."
        )
    module.exit_json(changed=False, **look(module.params))


if __name__ == "__main__":
    main()
