#!/usr/bin/python
"""Undo on a host what dead runs left: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_recover
short_description: Undo what dead runs left on a host, and tidy up
version_added: "0.1.0"
description:
  - Reads the journals of all runs that a host remembers and carries out, newest first, whatever they say is
    not yet undone. Looks afterwards, and fails when something is still there.
  - A run that is alive is not touched, nor what is held by hand within its lease. Nothing is changed where nothing
    is left.
  - Then removes the records of old runs if O(keep) is given.
options:
  stress_dir:
    description: The folder on the host that is ours.
    type: path
    required: true
  force:
    description: Ends a run that is alive and whatever is held by hand first, then undoes.
    type: bool
    default: false
  keep:
    description:
      - Of so many newest runs the records stay (plan, journal, result, each arena's state and logs); evidence and
        older runs are removed. Without it nothing is removed.
    type: int
attributes:
  check_mode: {description: Says what is left and undoes nothing.}
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
  description: What tidying up removed (in check mode, would remove).
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
alive:
  description: What the living run that was left alone says about itself.
  type: dict
  returned: when a run is alive that was left alone
  sample: {"run_id": "20261124-141200-ab12cd", "pid": 4711}
held:
  description: What is held by hand and was left alone, by name, with the seconds of its lease that are left.
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
