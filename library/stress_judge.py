"""Documents the action plugin ``stress_judge``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_judge
short_description: Judge a run again from its stored evidence
version_added: "0.1.0"
description:
  - Runs the current checks over the evidence of a run that is stored on the controller. No bot runs, and no host is
    contacted.
  - Scenarios that did not run, or whose evidence is incomplete, keep their verdict.
  - Use it with C(run_once), and M(stress_report) after it.
attributes:
  check_mode: {description: Judges and writes nothing.}
  diff_mode: {description: Changes are returned by host and scenario.}
extends_documentation_fragment: [stress.controller, stress.stored_run]
"""

EXAMPLES = r"""
- name: Judge the newest run again
  stress_judge:
    run_id: latest
  run_once: true
"""

RETURN = r"""
changes:
  description: Verdicts that changed, by host and scenario.
  returned: success
  type: dict
  sample: {"bot1.example.net": {"sigterm": "passed -> failed"}}
unread:
  description: Hosts whose run cannot be judged, with the reason.
  returned: success
  type: list
  elements: str
  sample: []
"""
