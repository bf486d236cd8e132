"""Documents the action plugin ``stress_found``."""

DOCUMENTATION = r"""
module: stress_found
short_description: Say what was found on hosts, and fail where one is in trouble
version_added: "0.1.0"
description:
  - Prints one or more lines for each host, made harmless for a terminal. Connects to nobody and changes nothing.
options:
  hosts:
    description: By host C(lines) and C(problem), as the filter C(stress_found) makes them.
    type: dict
    required: true
attributes:
  check_mode: {description: Prints as well.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Say it by host
  stress_found:
    hosts: "{{ ansible_play_hosts_all | map('extract', hostvars) | stress_found }}"
  run_once: true
"""

RETURN = r"""
troubled: {description: Hosts that are in trouble., returned: always, type: list, elements: str, sample: [host3]}
"""
