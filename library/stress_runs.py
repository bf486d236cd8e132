"""Documents the action plugin ``stress_runs``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_runs
short_description: List the runs whose results are kept
version_added: "0.1.0"
description:
  - Prints a table of the runs in the results folder, newest first, with their size on disk. Reads only.
options:
  results_dir:
    description: Folder on the controller that holds the results of all runs.
    type: path
attributes:
  check_mode: {description: Prints in the same way.}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: List the runs
  stress_runs:
    results_dir: "{{ stress_results_dir }}"
"""

RETURN = r"""
runs:
  description: The runs, newest first.
  type: list
  elements: dict
  returned: success
  sample:
    - {run_id: 20261124-141200-ab12cd, started: "2026-11-24T14:12:00+00:00", bot: reference, profile: smoke,
       hosts: [web1], scenarios: 69, state: finished, counts: {passed: 69}, bytes: 5000000, latest: true}
"""
