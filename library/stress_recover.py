#!/usr/bin/python
"""Undo on a host what dead runs left: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_recover
short_description: Undo what dead runs left on a host, and remove old records
version_added: "0.1.0"
description:
  - Reads the journals of all runs on a host and carries out, newest first, every undo that is still open. It checks
    the result, and fails if something is left.
  - A live run and held faults within their lease are not touched. Without leftovers nothing is changed.
  - With O(keep), it then removes the records of old runs.
options:
  stress_dir:
    description: The stress folder of the host.
    type: path
    required: true
  force:
    description: End a live run and held faults first, then undo.
    type: bool
    default: false
  keep:
    description:
      - The number of newest runs whose records are kept (plan, journal, result, each arena's state and logs); evidence
        and older runs are removed. By default nothing is removed.
    type: int
attributes:
  check_mode: {description: Lists what is left and undoes nothing.}
  diff_mode: {description: What is undone is returned as sentences.}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Undo what an earlier run left
  stress_recover:
    stress_dir: /var/lib/fleet-stress
    keep: 1
"""

RETURN = r"""
undone:
  description: What was undone (in check mode, what would be), one sentence each.
  type: list
  elements: str
  returned: always
  sample: ["run 20261124-141200-ab12cd: remove_tree /var/lib/fleet-stress/runs/x/arenas/sigterm/bot"]
removed:
  description: Old records that were removed (in check mode, would be).
  type: list
  elements: str
  returned: when O(keep) was given
  sample: [/var/lib/fleet-stress/runs/20261124-141200-ab12cd/evidence]
failed:
  description: What could not be undone.
  type: list
  elements: str
  returned: always
  sample: []
damaged:
  description: What of old runs is damaged and was passed over; the rest was undone.
  type: list
  elements: str
  returned: always
  sample: ["/var/lib/fleet-stress/runs/x/plan.json: is damaged"]
alive:
  description: The live run that was left alone.
  type: dict
  returned: when a run is alive and was left alone
  sample: {"run_id": "20261124-141200-ab12cd", "pid": 4711}
sampled:
  description:
    - What the live run has sampled so far, for each scenario that takes samples. C(hours) and C(cycles) until now, and
      C(rss) in bytes, the largest of equal parts of the time, at most 40.
  type: list
  elements: dict
  returned: in check mode, when a run is alive
  sample: [{"scenario": "memory", "hours": 3.25, "cycles": 195, "rss": [48000000, 48100000]}]
held:
  description: Held faults that were left alone, by name, with the remaining seconds of their lease.
  type: dict
  returned: always
  sample: {"network_block": 310.5}
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.recovery.recover import recover, tidy
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None


def main() -> None:
    """Recover, and say what was found."""
    module = AnsibleModule(
        argument_spec={
            "stress_dir": {"type": "path", "required": True},
            "force": {"type": "bool", "default": False},
            "keep": {"type": "int"},
        },
        supports_check_mode=True,
    )
    if MISSING is not None:
        module.fail_json(
            msg=missing_required_lib("fleet_stress", reason="run the provision stage, which installs it"),
            exception=str(MISSING),
        )
    stress_dir, keep = Path(module.params["stress_dir"]), module.params["keep"]
    # An engine of an earlier version, which is what a cleanup alone finds, knows of no force.
    force = {"force": True} if module.params["force"] else {}
    report = recover(stress_dir, look_only=module.check_mode, **force)
    if report["failed"]:
        module.fail_json(
            msg=f"could not be undone: {'; '.join(report['failed'])}. Look at the host, then recover again",
            **report,
        )
    if keep is not None:
        tidied = tidy(stress_dir, keep, look_only=module.check_mode)
        report["changed"] = report["changed"] or tidied["changed"]
        report["removed"] = tidied["removed"]
    module.exit_json(**report)


if __name__ == "__main__":
    main()
