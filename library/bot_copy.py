#!/usr/bin/python
"""Give a host its private copy of a bot: a thin door into the engine."""

from __future__ import annotations

DOCUMENTATION = r"""
module: bot_copy
short_description: A private copy of a bot, with the configuration of its profile
version_added: "0.1.0"
description:
  - Makes a copy of a bot that root owns, that the bot's user can read but not write, and that nobody else
    uses. Its folder is named after the hash of its content and of the overlay.
  - A copy that is complete and unchanged is kept. Runs with the interpreter of the engine.
options:
  bots:
    description: The folder that holds the copies, inside a folder of ours.
    type: path
    required: true
  name:
    description: Name of the bot.
    type: str
    required: true
  archive:
    description:
      - The bot's files, packed on the controller. Named after its O(content).
      - Either this and O(content), or O(folder).
    type: path
  content:
    description: The hash of the archive's content.
    type: str
  folder:
    description: The bot's folder on this host. It is only read.
    type: path
  leave_out:
    description: Glob patterns, relative to O(folder), of files that are not copied.
    type: list
    elements: str
    default: []
  own_files:
    description: State and log files of the bot as its profile names them; they are not copied.
    type: list
    elements: str
    default: []
  max_mb:
    description: A bot larger than this many MiB is refused.
    type: float
    default: 500.0
  user:
    description:
      - The user that bots run as. Where the module runs as root, only root and that user's group can read the copies.
        If empty, the copies belong to the user who runs the module.
    type: str
    default: ""
  overlay:
    description: Configuration files by their path in the copy. Code is refused.
    type: dict
    default: {}
  commands:
    description: The commands of the bot's profile by name; the programs that they start must be in the copy.
    type: dict
    default: {}
attributes:
  check_mode: {description: Says what would be made.}
  diff_mode: {description: "Compares the overlay with that of the previous copy.", support: full}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Copy the bot
  bot_copy:
    bots: /var/lib/fleet-stress/bots
    name: reference
    archive: /var/lib/fleet-stress/bots/archives/0f3a5b7c9d1e.tar.gz
    content: 0f3a5b7c9d1e…
    overlay:
      config.yaml: |
        mode: paper
    commands:
      argv: ["${python}", main.py]
"""

RETURN = r"""
copy:
  description: Path of the copy.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/bots/reference-0f3a5b7c9d1e
why:
  description: Why the copy was made; empty if it was complete.
  returned: always
  type: str
  sample: is not there
left_out:
  description: What was not copied from O(folder).
  returned: when O(folder) was given
  type: list
  elements: str
  sample: [.git, .env]
"""

import os
import pwd
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from fleet_stress.store.bot_archive import BotCopyError, Rules, pack, take
    from fleet_stress.store.bot_copy import CopyRequest, place
except ImportError as problem:
    MISSING: Exception | None = problem
else:
    MISSING = None

ARGUMENTS = {
    "bots": {"type": "path", "required": True},
    "name": {"type": "str", "required": True},
    "archive": {"type": "path"},
    "content": {"type": "str"},
    "folder": {"type": "path"},
    "leave_out": {"type": "list", "elements": "str", "default": []},
    "own_files": {"type": "list", "elements": "str", "default": []},
    "max_mb": {"type": "float", "default": 500.0},
    "user": {"type": "str", "default": ""},
    "overlay": {"type": "dict", "default": {}},
    "commands": {"type": "dict", "default": {}},
}


def group_of(user: str) -> int | None:
    """The group that gets to the copies. Raises BotCopyError."""
    try:
        return pwd.getpwnam(user).pw_gid if user else None
    except KeyError as problem:
        raise BotCopyError(
            f"there is no user {user} for the bots: run the whole provision stage"
        ) from problem


def main() -> None:
    """Find the archive, or pack the folder; then make the copy."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        required_one_of=[("archive", "folder")],
        mutually_exclusive=[("archive", "folder")],
        required_together=[("archive", "content")],
        supports_check_mode=True,
    )
    asked = module.params
    if MISSING is not None:
        if module.check_mode:  # a fresh host: the engine would have been installed just before
            diff = [
                {"after_header": path, "before": "", "after": text} for path, text in asked["overlay"].items()
            ]
            module.exit_json(
                changed=True, copy=f"{asked['bots']}/{asked['name']}-…", why="is not there", diff=diff
            )
        reason = (
            "run the provision stage; to choose a Python say stress_python, not ansible_python_interpreter"
        )
        module.fail_json(msg=missing_required_lib("fleet_stress", reason=reason), exception=str(MISSING))
    os.umask(0o022)  # a login's own would close the copies to the bots' user
    bots, extra = Path(asked["bots"]), {}
    archive, content = Path(asked["archive"] or ""), asked["content"]
    try:
        if asked["folder"]:
            folder, rules = Path(asked["folder"]), Rules(asked["leave_out"], asked["own_files"])
            if module.check_mode:
                taken = take(folder, rules)
            else:
                taken, archive = pack(folder, rules, bots / "archives", asked["max_mb"])
            content, extra = taken.content, {"left_out": list(taken.left_out)}
        wanted = CopyRequest(
            bots,
            asked["name"],
            archive,
            content,
            asked["overlay"],
            asked["commands"],
            asked["max_mb"],
            None if module.check_mode else group_of(asked["user"]),
        )
        module.exit_json(**place(wanted, look_only=module.check_mode), **extra)
    except (BotCopyError, OSError) as problem:
        module.fail_json(msg=str(problem))


if __name__ == "__main__":
    main()
