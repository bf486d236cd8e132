"""Documents the action plugin ``stress_wheels``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_wheels
short_description: Gather the engine's wheels for a host's platform
version_added: "0.1.0"
description:
  - Looks in a cache on the controller for the project's own wheel, psutil and pip, for one platform; what is missing
    is built or downloaded once, even if several hosts need it.
  - Needs no connection, and may run for many hosts side by side.
options:
  cache: {description: Folder of the cache., type: path, required: true}
  lock: {description: The locked requirements of what the engine needs., type: path, required: true}
  platform: {description: The host's platform as C(system/machine/libc)., type: str, required: true}
  stress_dir: {description: The stress folder of the host., type: path, required: true}
  stored:
    description: What the host has already, relative to O(stress_dir).
    type: list
    elements: str
    required: true
attributes:
  check_mode: {description: "Fills the cache, and changes nothing else."}
  diff_mode: {description: There is no before and after to compare.}
  platform: {description: "Runs on the controller; hosts are Linux and macOS."}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Gather the engine's wheels
  stress_wheels:
    cache: "{{ stress_cache_dir }}/wheels"
    lock: "{{ stress_host_lock }}"
    platform: Linux/x86_64/glibc
    stress_dir: /var/lib/fleet-stress
    stored: []
  register: stress_wheels
"""

RETURN = r"""
source:
  description: Folder of the wheels on the controller.
  returned: success
  type: str
  sample: .cache/wheels/0f3a5b7c9d1e
folder:
  description: Folder of the wheels on the host.
  returned: success
  type: str
  sample: /var/lib/fleet-stress/wheels/0f3a5b7c9d1e
missing:
  description: Names of the wheels that the host lacks.
  returned: success
  type: list
  elements: str
  sample: [pip-25.3-py3-none-any.whl]
pip:
  description: Path of pip's wheel on the host.
  returned: success
  type: str
  sample: /var/lib/fleet-stress/wheels/0f3a5b7c9d1e/pip-25.3-py3-none-any.whl
others:
  description: Paths of all other wheels on the host.
  returned: success
  type: list
  elements: str
  sample: [/var/lib/fleet-stress/wheels/0f3a5b7c9d1e/fleet_stress-0.1.0-py3-none-any.whl]
"""
