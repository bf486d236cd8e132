#!/usr/bin/python
"""A host takes no run and no fault until somebody releases it: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: stress_halt
short_description: End every run on a host, undo, and refuse new ones until it is released
version_added: "0.1.0"
description:
  - First records that the host is halted, by whom and why. From then on no run begins there and no fault is held;
    the reason is shown to whoever tries.
  - Then ends a running run (with a request first, so that it undoes its faults and writes a result), ends held
    faults, and undoes what dead runs left.
  - V(state=released) removes the halt and begins nothing.
  - Runs with the interpreter of the engine, as root where the engine runs as root.
options:
  stress_dir:
    description: The stress folder of the host.
    type: path
    required: true
  reason:
    description: The reason, shown to whoever begins a run. Required for V(state=halted).
    type: str
  by:
    description: Who halts the host; a person whom others can ask.
    type: str
    default: somebody
  state:
    description: Whether the host is halted.
    type: str
    choices: [halted, released]
    default: halted
attributes:
  check_mode: {description: Lists what would be ended and undone.}
  diff_mode: {description: Shows the halt., support: full}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Halt this host
  stress_halt:
    stress_dir: /var/lib/fleet-stress
    reason: the exchange is down, see incident 4711
    by: ops@example.net

- name: Release the halt
  stress_halt:
    stress_dir: /var/lib/fleet-stress
    state: released
"""

RETURN = r"""
undone:
  description: What was ended and undone (in check mode, what would be), one sentence each.
  type: list
  elements: str
  returned: when O(state=halted)
  sample: ["run 20261124-141200-ab12cd: ended, process 4711"]
failed:
  description: What could not be undone.
  type: list
  elements: str
  returned: when O(state=halted)
  sample: []
halted:
  description: The previous halt; empty if there was none.
  type: dict
  returned: always
  sample: {"reason": "incident 4711", "by": "ops@example.net", "since": "2026-11-24T14:12:00+00:00"}
"""

from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.recovery import halt
    from fleet_stress.recovery.recover import recover
    from fleet_stress.store import layout
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None

ARGUMENTS = {
    "stress_dir": {"type": "path", "required": True},
    "reason": {"type": "str"},
    "by": {"type": "str", "default": "somebody"},
    "state": {"type": "str", "choices": ["halted", "released"], "default": "halted"},
}


def main() -> None:
    """Halt or release, and say what was found."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_if=[("state", "halted", ("reason",))], supports_check_mode=True
    )
    if MISSING is not None:
        reason = "run the provision stage, which installs it"
        module.fail_json(msg=missing_required_lib("fleet_stress", reason=reason), exception=str(MISSING))
    asked, stress_dir = module.params, Path(module.params["stress_dir"])
    if not (stress_dir / layout.MARKER).is_file():
        module.fail_json(msg=f"{stress_dir} does not carry {layout.MARKER}; give the stress_dir of this host")
    before = halt.halted(stress_dir) or {}
    report_so_far: dict[str, Any] = {"halted": before, "diff": {"before": _shown(before), "after": ""}}
    if asked["state"] == "released":
        changed = bool(before) if module.check_mode else halt.release(stress_dir)
        module.exit_json(changed=changed, **report_so_far)
    wanted = {"reason": asked["reason"], "by": asked["by"]}
    changed = {name: before.get(name) for name in wanted} != wanted
    report_so_far["diff"]["after"] = _shown(wanted)
    try:
        if not module.check_mode:
            halt.halt(stress_dir, **wanted)  # first of all: nothing begins between this and the end
        report = recover(stress_dir, look_only=module.check_mode, force=True)
    except OSError as problem:
        module.fail_json(msg=f"{stress_dir}: {problem}", **report_so_far)
    report_so_far.update(
        undone=report["undone"], failed=report["failed"], changed=changed or report["changed"]
    )
    if report["failed"]:
        module.fail_json(
            msg=f"could not be undone: {'; '.join(report['failed'])}. Look at the host, then halt it again",
            **report_so_far,
        )
    module.exit_json(**report_so_far)


def _shown(halted: dict[str, str]) -> str:
    return f"{halted['reason']} ({halted['by']})\n" if halted else ""


if __name__ == "__main__":
    main()
