"""Documents the action plugin ``stress_list``."""

DOCUMENTATION = r"""
module: stress_list
short_description: Show scenarios, faults, checks, bots and profiles, and what hosts can do
version_added: "0.1.0"
description:
  - Prints tables of what the project has, read where it is defined; the whole catalogue is checked by the way.
  - Given O(hosts), it prints what those said that they can do, and nothing else. Connects to nobody.
options:
  bot: {description: "Name of a bot profile in C(bots/), or a path to one.", type: str, default: reference}
  profile: {description: "How hard, a profile in C(profiles/).", type: str, default: smoke}
  scenarios: {description: "Names and selectors, as a list or separated by commas.", type: raw, default: all}
  list:
    description:
      - Which tables, as a list or separated by commas. V(scenarios), V(faults), V(checks), V(bots), V(profiles),
        V(hosts), or V(all).
    type: raw
    default: all
  hosts:
    description: "By host the answer of M(stress_able), or C(problem), as P(stress_answers#filter) makes them."
    type: dict
attributes:
  check_mode: {description: Prints as well.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Show what faults and checks there are
  stress_list:
    list: faults,checks
  run_once: true
"""

RETURN = r"""
parts: {description: What was chosen., returned: success, type: list, elements: str, sample: [faults, checks]}
"""
