#!/usr/bin/python
"""Hand a plan to a host: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_plan
short_description: Hand a host its plan, follow the run and fetch what it found
version_added: "0.1.0"
description:
  - Compiles the host's plan on the controller, hands it over once, follows the run with cheap long polls and
    fetches the result as one archive into the results folder of the controller.
  - A supervisor on the host runs the plan to its end in a session of its own. When the controller dies the
    run goes on; the same call again attaches to it instead of starting a second one.
  - When the supervisor dies while the controller watches, the plan is handed over once more, and continues where its
    journal ends. A host that does not answer is asked again for O(unreachable_within) seconds.
  - An action plugin of the same name does the controller's part; called as a bare module it only hands over
    the plan given as O(plan).
options:
  plan:
    description:
      - The plan of this host. The action plugin compiles and fills it in.
    type: dict
  allow_commands:
    description: Whether scenarios may run commands of their own on the host.
    type: bool
    default: false
  explain_memory:
    description: Whether a Python bot that is sampled tells which of its lines hold more and more memory.
    type: bool
    default: false
  failed:
    description: What the selector V(failed) means, names of scenarios by host, as M(stress_compile) returned it.
    type: dict
  resume:
    description: Whether to attach to another run of the same plan, or to one that nobody has fetched.
    type: bool
    default: true
  point:
    description: The only point that a scenario's step C(visit) goes to, by its name; empty for all.
    type: str
  power_cut:
    description: V(enforce) makes scenarios count that are advice by themselves, because they go beyond the plan.
    type: str
    choices: [advise, enforce]
    default: advise
  bot:
    description: Name of a bot profile in C(bots/), or a path to one.
    type: str
  bot_copy:
    description: Folder on the host with the private copy of the bot, made by the role C(bot).
    type: path
  bot_python:
    description: Interpreter on the host with the bot's requirements, made by the role C(bot).
    type: path
  bot_source:
    description: Where the bot came from, for the record and for the command that repeats a scenario.
    type: str
  engine_python:
    description: Interpreter of the engine's environment on the host, made by the role C(engine).
    type: path
  facts:
    description: Facts of the host as the module C(stress_facts) returns them.
    type: dict
  profile:
    description: The intensity, a profile in C(profiles/).
    type: str
    default: smoke
  results_dir:
    description: Folder on the controller that holds the results of all runs.
    type: path
  run_id:
    description: Id of the run, given by C(stress_compile).
    type: str
  scenarios:
    description: Which scenarios, as names and selectors like V(row:1.3), separated by commas.
    type: str
    default: all
  stress_dir:
    description: The stress folder of the host.
    type: path
  user:
    description: The unprivileged user that bots run as.
    type: str
  floors:
    description: What must be free on the host, C(disk_mb) and C(memory_mb) in MiB; a run leaves half of it free.
    type: dict
  bots_at_once:
    description: So many bots side by side at most; 0 takes as many as the host's processors and memory carry.
    type: int
    default: 0
  evidence:
    description: V(all), or V(not_passed) for copies of files of only those scenarios that did not pass.
    type: str
    default: all
  lease:
    description: Seconds after which the host ends and undoes the run by itself; 0 takes the plan's own time and more.
    type: float
    default: 0.0
  wait:
    description:
      - For so long a host is waited for that somebody else uses, such as V(10m). Empty for not at all.
    type: str
    default: ""
  unreachable_within:
    description: For so many seconds a host that does not answer is asked again before it counts as lost.
    type: float
    default: 300.0
attributes:
  check_mode:
    description: Compiles the plan and says what would run, for how long, and what would be skipped; starts nothing.
  diff_mode: {description: A run has no before and after to compare.}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Run the plan on every host
  stress_plan:
    run_id: "{{ stress_run_id }}"
    results_dir: "{{ stress_results_dir }}"
    bot: reference
    bot_copy: "{{ stress_bot_copy }}"
    bot_python: "{{ stress_bot_python }}"
    engine_python: "{{ stress_engine_python }}"
    stress_dir: /var/lib/fleet-stress
    user: fleet-stress
    profile: smoke
    scenarios: sigkill_restart,row:1.3
    facts: "{{ stress_facts }}"
"""

RETURN = r"""
run_id:
  description: Id of the run on the host; that of an earlier call when it was attached to.
  type: str
  returned: always
  sample: 20261124-141200-ab12cd
run_dir:
  description: Folder of the run on the host.
  type: str
  returned: when a run was started or attached to
  sample: /var/lib/fleet-stress/runs/20261124-141200-ab12cd
attached:
  description: True when the same plan already ran, or had run, and this call only followed it.
  type: bool
  returned: when a run was started or attached to
  sample: false
started:
  description: True when this call started the supervisor.
  type: bool
  returned: when a run was started or attached to
  sample: true
damaged:
  description: What of old runs on the host is damaged and was passed over.
  type: list
  elements: str
  returned: when a run was started or attached to
  sample: []
busy:
  description: Somebody else uses the host for a while; whoever waits finds it free.
  type: bool
  returned: when the plan was refused
  sample: true
runs:
  description: Names of the scenarios that would be run.
  type: list
  elements: str
  returned: in check mode
  sample: [baseline, sigterm]
skips:
  description: Those that would not, C(scenario) and C(row), each with its C(reason).
  type: list
  elements: dict
  returned: in check mode
  sample: [{"scenario": "slow_disk_latency", "row": "1.5A", "reason": "the faulty file system cannot be mounted here"}]
seconds:
  description: How long that would take, about.
  type: float
  returned: in check mode
  sample: 74.5
lost:
  description: The host could not be reached any more.
  type: bool
  returned: when that is why it failed
  sample: true
counts:
  description: How many scenarios ended with which verdict.
  type: dict
  returned: when the run has ended
  sample: {"passed": 8}
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.run.handover import Occupied, Refused, hand_over
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None


def main() -> None:
    """Take the plan, answer where it runs."""
    module = AnsibleModule(
        argument_spec={"plan": {"type": "dict", "required": True}}, supports_check_mode=True
    )
    if MISSING is not None:
        module.fail_json(
            msg=missing_required_lib("fleet_stress", reason="run the provision stage, which installs it"),
            exception=str(MISSING),
        )
    if module.check_mode:
        module.exit_json(changed=True)
    try:
        answer = hand_over(module.params["plan"])
        module.exit_json(changed=answer["started"], **answer)
    except Refused as problem:
        module.fail_json(msg=str(problem), busy=isinstance(problem, Occupied))


if __name__ == "__main__":
    main()
