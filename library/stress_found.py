"""Documents the action plugin ``stress_found``."""

DOCUMENTATION = r"""
module: stress_found
short_description: Print what was found on hosts, and fail if one has a problem
version_added: "0.1.0"
description:
  - Prints one or more lines for each host of the play, with control characters removed. Connects to no host.
  - It reports what M(stress_look) and M(stress_recover) returned, and why a host has a problem.
options:
  looked_only: {description: Nothing was undone. The lines say what would be., type: bool, default: false}
  halted: {description: Whether the hosts were halted just now (true) or released (false)., type: bool}
  problems_only: {description: Only report hosts that have a problem., type: bool, default: false}
attributes:
  check_mode: {description: Prints in the same way.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Print what was found
  stress_found:
    looked_only: true
  run_once: true
"""

RETURN = r"""
troubled: {description: Hosts that have a problem., returned: always, type: list, elements: str, sample: [host3]}
"""
