"""Documents the action plugin ``stress_found``."""

DOCUMENTATION = r"""
module: stress_found
short_description: Print what was found on hosts, and fail if one has a problem
version_added: "0.1.0"
description:
  - Prints one or more lines for each host, with control characters removed. Connects to no host.
options:
  hosts:
    description: For each host, C(lines) and C(problem), as the filter P(stress_found#filter) returns them.
    type: dict
    required: true
attributes:
  check_mode: {description: Prints in the same way.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Print what was found
  stress_found:
    hosts: "{{ ansible_play_hosts_all | map('extract', hostvars) | stress_found }}"
  run_once: true
"""

RETURN = r"""
troubled: {description: Hosts that have a problem., returned: always, type: list, elements: str, sample: [host3]}
"""
