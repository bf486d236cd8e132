"""Documents the action plugin ``stress_list``."""

DOCUMENTATION = r"""
module: stress_list
short_description: List scenarios, faults, checks, bots and profiles, and what hosts can run
version_added: "0.1.0"
description:
  - Prints tables of what the project has, from its definitions; this also validates the whole catalogue.
  - With O(answers), it prints only what hosts can run. Connects to no host.
options:
  bot: {description: "Name of a bot profile in C(bots/), or a path to one.", type: str, default: reference}
  profile: {description: "The intensity, a profile in C(profiles/).", type: str, default: smoke}
  scenarios: {description: "Names and selectors, as a list or separated by commas.", type: raw, default: all}
  list:
    description:
      - Which tables, as a list or separated by commas. V(scenarios), V(faults), V(checks), V(bots), V(profiles),
        V(hosts), or V(all).
    type: raw
    default: all
  answers:
    description: Whether to print what the hosts of the play can run, as M(stress_able) returned it, and nothing else.
    type: bool
    default: false
attributes:
  check_mode: {description: Prints in the same way.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: List faults and checks
  stress_list:
    list: faults,checks
  run_once: true
"""

RETURN = r"""
parts: {description: The chosen tables., returned: success, type: list, elements: str, sample: [faults, checks]}
"""
