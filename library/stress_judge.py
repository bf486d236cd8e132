"""Documents the action plugin ``stress_judge``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_judge
short_description: Judge a run again from its stored evidence
version_added: "0.1.0"
description:
  - Runs the checks, as they are now, over the evidence that a run has left on the controller. No bot runs and no
    host is asked.
  - What was not run, and what came without all of its evidence, keeps its verdict.
  - Use it with C(run_once), and M(stress_report) after it.
options:
  run_id:
    description: Id of the run, or V(latest).
    type: str
    default: latest
  results_dir:
    description: Folder on the controller that holds the results of all runs; C(results/) by default.
    type: path
attributes:
  check_mode: {description: Judges and writes nothing.}
  diff_mode: {description: What changes is returned by host and scenario.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Judge the newest run again
  stress_judge:
    run_id: latest
  run_once: true
"""

RETURN = r"""
changes:
  description: Verdicts that are others now, by host and scenario.
  returned: success
  type: dict
  sample: {"bot1.example.net": {"sigterm": "passed -> failed"}}
unread:
  description: Hosts without a run that can be judged, with the reason.
  returned: success
  type: list
  elements: str
  sample: []
"""
