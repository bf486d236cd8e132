"""Documents the action plugin ``stress_verify``, which does everything on the controller."""

DOCUMENTATION = r"""
module: stress_verify
short_description: Verify the hosts after a run with pytest-testinfra
version_added: "0.1.0"
description:
  - Runs C(tests/hosts) once for all hosts, over pytest-testinfra's own ssh or local connections. What was
    provisioned must be in place, and no process, mount, lock, open undo or temporary file may be left.
  - Use it with C(run_once).
options:
  hosts:
    description: The hosts to verify.
    type: list
    elements: dict
    required: true
    suboptions:
      name: {description: Its name in the inventory., type: str, required: true}
      stress_dir: {description: The stress folder of the host., type: path, required: true}
      user: {description: The user that bots run as., type: str, required: true}
      engine_python: {description: Interpreter of the engine's environment., type: path, required: true}
      become: {description: Whether sudo is needed to look., type: bool, required: true}
  run_id:
    description: Id of the run, or V(latest).
    type: str
    required: true
  results_dir:
    description: Folder on the controller that holds the results of all runs.
    type: path
    required: true
attributes:
  check_mode: {description: "Does nothing, because nothing has run."}
  diff_mode: {description: Only reads.}
  platform: {description: "Runs on the controller; hosts are Linux and macOS."}
extends_documentation_fragment: [stress.controller]
"""

EXAMPLES = r"""
- name: Verify the hosts
  stress_verify:
    run_id: latest
    results_dir: results
    hosts:
      - name: bot1.example.net
        stress_dir: /var/lib/fleet-stress
        user: fleet-stress
        engine_python: /var/lib/fleet-stress/engine/current/bin/python
        become: true
  run_once: true
"""

RETURN = r"""
findings:
  description: Findings by host, as sentences; empty if there are none.
  returned: always
  type: dict
  sample: {"bot1.example.net": ["test_nothing_is_left: mounts: /var/lib/fleet-stress/runs/x"]}
"""
