"""Documents the action plugin ``stress_look``."""

DOCUMENTATION = r"""
module: stress_look
short_description: Find a Python on a host, collect facts, and judge them
version_added: "0.1.0"
description:
  - Searches with a plain shell for a Python that starts, then runs M(stress_facts) with it, as root where that is
    needed and the login is not root already. It never changes anything.
  - Fails where the host cannot be reached (RV(lost)), where it has no such Python, and, with O(judge), where
    anything speaks against using it; all problems are reported together.
options:
  script: {description: The shell script on the controller that looks for a Python., type: path, required: true}
  python: {description: The only Python to take; empty looks for one., type: str, default: ""}
  become: {description: Whether root may be become where the login is not., type: bool, default: true}
  judge: {description: Whether to fail where something speaks against using the host., type: bool, default: false}
  reads_only:
    description: Without O(judge), whether it is no matter that the login may not write to O(stress_dir).
    type: bool
    default: false
  stress_dir: {description: The folder that is to hold everything of ours., type: str, required: true}
  relative_to: {description: Folder that a relative O(stress_dir) counts from; empty for none., type: str, default: ""}
  user:
    description: The user that bots are to run as. Empty takes V(fleet-stress), and without root the login.
    type: str
    default: ""
  folder_variables:
    description: Environment variables that tell a bot its folders.
    type: list
    elements: str
    default: []
  bot_folder: {description: A folder on the host that the bot comes from, or empty., type: str, default: ""}
  bot_source: {description: As it was asked for, to name it to a person., type: str, default: ""}
  programs: {description: Programs of the system to look for., type: list, elements: str, default: []}
  disk_floor_mb: {description: So much disk (MiB) must be free., type: int, default: 0}
  memory_floor_mb: {description: So much memory (MiB) must be available., type: int, default: 0}
attributes:
  check_mode: {description: Looks only.}
  platform: {description: "Linux, and macOS with a poorer view of other processes."}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Inspect the host
  stress_look:
    script: roles/preflight/files/find_python.sh
    stress_dir: /var/lib/fleet-stress
    judge: true
    disk_floor_mb: 500
  become: true
  register: stress_facts
"""

RETURN = r"""
system:
  description: This, and all else that M(stress_facts) returns.
  returned: success
  type: str
  sample: Linux
host_python: {description: The Python that was found., returned: success, type: str, sample: /usr/bin/python3}
become_now: {description: Whether root must be become on this host., returned: success, type: bool, sample: true}
as_root: {description: Whether things are done as root there., returned: success, type: bool, sample: true}
has_engine: {description: Whether a complete engine is in use there., returned: success, type: bool, sample: true}
lacks_engine:
  description: Whether journals of ours are there and no complete engine that could undo what they say.
  returned: success
  type: bool
  sample: false
platform: {description: "C(system/machine/libc).", returned: success, type: str, sample: Linux/x86_64/glibc}
lost: {description: The host could not be reached., returned: when that is why it failed, type: bool, sample: true}
"""
