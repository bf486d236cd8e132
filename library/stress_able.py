"""Documents the action plugin ``stress_able``."""

DOCUMENTATION = r"""
module: stress_able
short_description: Ask a host which scenarios of a plan it can run, and what would enable the rest
version_added: "0.1.0"
description:
  - Compiles the host's plan on the controller and asks the engine on the host, which only reads it.
  - Fails if the host cannot be reached (RV(lost)), or if its engine is not one of this project.
options:
  bot: {description: "Name of a bot profile in C(bots/), or a path to one.", type: str, default: reference}
  profile: {description: "The intensity, a profile in C(profiles/).", type: str, default: smoke}
  scenarios: {description: "Names and selectors, as a list or separated by commas.", type: raw, default: all}
  facts: {description: Facts of the host as M(stress_facts) returns them., type: dict, required: true}
  stress_dir: {description: The stress folder of the host., type: path, required: true}
  user: {description: The unprivileged user that bots run as., type: str, required: true}
  engine_python: {description: Interpreter of the engine's environment on the host., type: path, required: true}
attributes:
  check_mode: {description: Asks in the same way.}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Ask the host what it can do
  stress_able:
    facts: "{{ stress_facts }}"
    stress_dir: "{{ stress_facts.stress_dir }}"
    user: "{{ stress_facts.user }}"
    engine_python: "{{ stress_facts.stress_dir }}/engine/current/bin/python"
  register: stress_abilities
"""

RETURN = r"""
can: {description: Scenarios that the host can run., returned: success, type: list, elements: str, sample: [baseline]}
cannot:
  description: Scenarios that it cannot run, each with C(scenario), C(row), C(reason) and C(enable).
  returned: success
  type: list
  elements: dict
  sample: [{scenario: network_cut, row: 4.3A, reason: no root, enable: run as root}]
seconds: {description: Estimated duration in seconds., returned: success, type: float, sample: 95.0}
lost: {description: The host could not be reached., returned: when that is why it failed, type: bool, sample: true}
"""
