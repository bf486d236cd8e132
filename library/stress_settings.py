"""Documents the action plugin ``stress_settings``."""

DOCUMENTATION = r"""
module: stress_settings
short_description: Validate all variables before a host is touched
version_added: "0.1.0"
description:
  - Fails when a variable of the role C(settings) has an invalid value, and when a variable given by C(-e) looks like a
    misspelled one (nearly the same name, and not used elsewhere).
  - M(stress_look) validates the variables of each host in the inventory.
options:
  stages:
    description: Tags of the play. Any other tag given is refused, as nothing would run. Empty is no check.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Validates in the same way.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Check the settings
  stress_settings:
    stages: [provision, run, verify, cleanup, report]
  run_once: true
"""

RETURN = r"""
msg: {description: "What is wrong, where, why, and what to do.", returned: failed, type: str, sample: unknown variable}
"""
