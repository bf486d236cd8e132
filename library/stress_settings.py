"""Documents the action plugin ``stress_settings``."""

DOCUMENTATION = r"""
module: stress_settings
short_description: Check every variable that somebody set, before a host is touched
version_added: "0.1.0"
description:
  - Fails when a variable of the role C(settings) holds what it may not, and when a name that C(-e) brought is nearly
    one of them, known to nobody else, and so misspelled.
  - M(stress_look) asks the same for each host, of what the inventory says of it.
options:
  stages:
    description: Tags that a play has; another one that was chosen is refused, as nothing would run. Empty asks nothing.
    type: list
    elements: str
    default: []
attributes:
  check_mode: {description: Checks as well.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Check every variable
  stress_settings:
    stages: [provision, run, verify, cleanup, report]
  run_once: true
"""

RETURN = r"""
msg: {description: "What is wrong, where, why, and what to do.", returned: failed, type: str, sample: unknown variable}
"""
