#!/usr/bin/python
"""A fake Python module that fails, held in place by an operator: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: broken_module
short_description: A fake Python module that fails, in a folder for PYTHONPATH
version_added: "0.1.0"
description:
  - Keeps a package in a folder of ours that fails when it is imported, or at its first use, and records which
    processes hit it.
  - The package alone breaks nothing. Start a bot with RV(path) first in its E(PYTHONPATH), and it imports the fake;
    remove the fake and restart the bot, and it works again. The scenarios of rows 5.2 to 5.4 do this by
    themselves; the module is for a fault that an operator holds.
  - Runs with the interpreter of the engine.
options:
  folder:
    description: Folder of the fake, below the stress folder of that host (the one with the marker file).
    type: path
    required: true
  module:
    description: The top-level module that fails, such as V(numpy).
    type: str
    required: true
  kind:
    description: How it fails. At import by RuntimeError or by ImportError, or at any use of it.
    type: str
    choices: [import_runtime_error, import_import_error, fails_at_first_use]
    default: import_runtime_error
  user:
    description:
      - The user who runs the bot, and may therefore record a hit. Without it, only the user of this module may.
    type: str
  state:
    description: Whether the fake is there.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode: {description: Says what would change.}
  diff_mode: {description: Shows the fake's text., support: full}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Break numpy for whoever has this folder first on PYTHONPATH
  broken_module:
    folder: /var/lib/fleet-stress/by_hand
    module: numpy
    kind: fails_at_first_use
    user: fleet-stress

- name: Repair the module
  broken_module:
    folder: /var/lib/fleet-stress/by_hand
    module: numpy
    state: absent
"""

RETURN = r"""
path:
  description: The folder that has to come first in PYTHONPATH.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/by_hand/modules
met:
  description: Processes that hit the fake so far; with V(absent), until it was removed.
  returned: always
  type: list
  elements: dict
  sample: [{"pid": 4711, "what": "import", "argv": ["main.py"]}]
"""

import pwd
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.faults.process import fake_module
    from fleet_stress.store import deletion, layout
    from fleet_stress.store.bare_python import marks
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None

ARGUMENTS = {
    "folder": {"type": "path", "required": True},
    "module": {"type": "str", "required": True},
    "kind": {
        "type": "str",
        "choices": ["import_runtime_error", "import_import_error", "fails_at_first_use"],
        "default": "import_runtime_error",
    },
    "user": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def main() -> None:
    """Compare, change, tell."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    if MISSING is not None:
        module.fail_json(
            msg=missing_required_lib("fleet_stress", reason="run the provision stage, which installs it"),
            exception=str(MISSING),
        )
    asked, folder = module.params, Path(module.params["folder"])
    if marks.owner_of(folder) is None:
        module.fail_json(
            msg=f"{folder}: no folder above it carries {layout.MARKER}; choose one inside the stress_dir of this host"
        )
    try:
        fake_module.check_name(asked["module"])
        owner = None if asked["user"] is None else pwd.getpwnam(asked["user"])
        wanted = None
        if asked["state"] == "present":
            wanted = fake_module.program(folder, asked["module"], asked["kind"])
        before = fake_module.standing(folder, asked["module"])
        met = fake_module.met(folder, asked["module"])
        changed = before != wanted or not fake_module.may_note(folder, owner and owner.pw_uid, wanted)
        if changed and not module.check_mode:
            if wanted is None:
                fake_module.take_away(folder, asked["module"])
            else:
                ids = None if owner is None else (owner.pw_uid, owner.pw_gid)
                fake_module.put(folder, asked["module"], asked["kind"], ids)
    except (OSError, ValueError, KeyError, deletion.NotOurs) as problem:
        module.fail_json(msg=str(problem))
    header = str(fake_module.search_path(folder) / asked["module"] / "__init__.py")
    module.exit_json(
        changed=changed,
        path=str(fake_module.search_path(folder)),
        met=met,
        diff={
            "before_header": header,
            "after_header": header,
            "before": before or "",
            "after": wanted or "",
        },
    )


if __name__ == "__main__":
    main()
