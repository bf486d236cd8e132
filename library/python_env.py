#!/usr/bin/python
"""Build a small Python environment on a host, once for each request."""

# It builds the very environment that the engine is then installed in, so it needs nothing of it.

from __future__ import annotations

DOCUMENTATION = r"""
module: python_env
short_description: A Python environment that is complete or not there
version_added: "0.1.0"
description:
  - Builds a virtual environment and installs into it with a pip that we bring, so that the host
    needs neither ensurepip nor the package python3-venv.
  - The request has a hash. The environment is complete only if its stamp, a file beside it that is written last,
    has that hash and that of all its files; otherwise it is built again from nothing. What is installed from this host
    is part of the request by its content.
  - Nothing in an environment that another user built is run. All processes of a build are ended, and the
    environment is a copy of what they left.
  - Deletes nothing that does not lie in a folder with our marker.
options:
  path:
    description:
      - Path of the environment. C({key}) in it is replaced by the first digits of the hash of the request.
    type: str
    required: true
  python:
    description: The Python that it is made from.
    type: path
    required: true
  pip:
    description: A wheel of pip on the host.
    type: path
    required: true
  wheels:
    description: Paths of wheels to install; nothing is downloaded for them.
    type: list
    elements: path
    default: []
  folder:
    description:
      - The bot's folder. Its requirements files, all that they name, and all that they install from this host
        must lie in it, without links.
    type: path
  requirements:
    description: Requirements files in O(folder). Files that they name by C(-r) or C(-c) are read too.
    type: list
    elements: str
  requirements_optional:
    description: Whether a requirements file may be missing.
    type: bool
    default: false
  packages:
    description: Requirements beside those files.
    type: list
    elements: str
    default: []
  constraints:
    description: Constraint lines for pip.
    type: list
    elements: str
    default: []
  pip_environment:
    description:
      - Environment of pip, beside what the host's own says of its index. It may hold passwords, so only its names are
        returned, and values are taken out of what pip says.
    type: dict
    default: {}
  leave_out:
    description: Names of packages whose lines in the requirements files are ignored.
    type: list
    elements: str
    default: []
  user:
    description:
      - Name of the user that builds, because installing from source runs foreign code. Afterwards the
        environment belongs to root, and that user can only read it. Empty builds as the module's own user.
    type: str
    default: ""
  link:
    description: A link to be switched to the environment once it is complete.
    type: path
  within:
    description: Longest time in seconds that building may take.
    type: float
    default: 1800.0
attributes:
  check_mode: {description: Says whether it would be built.}
  diff_mode: {description: Lists what is asked for., support: full}
extends_documentation_fragment: [stress.host]
"""

EXAMPLES = r"""
- name: Give the bot its own environment
  python_env:
    path: /var/lib/fleet-stress/environments/{key}
    python: /usr/bin/python3
    pip: /var/lib/fleet-stress/wheels/0f3a5b7c9d1e/pip-25.3-py3-none-any.whl
    folder: /var/lib/fleet-stress/bots/reference-0f3a5b7c9d1e
    requirements: [requirements.txt]
    constraints: ["pandas<3"]
    leave_out: [torch]
    user: fleet-stress
"""

RETURN = r"""
path:
  description: Where the environment is.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/environments/0f3a5b7c9d1e
interpreter:
  description: Its Python.
  returned: always
  type: str
  sample: /var/lib/fleet-stress/environments/0f3a5b7c9d1e/bin/python
complete:
  description: Whether it is complete now; false only in check mode.
  returned: always
  type: bool
  sample: true
why:
  description: Why it was built; empty if it was complete already.
  returned: always
  type: str
  sample: is not there
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.fleet_stress.store.bare_python.closed_path import refusal
from ansible.module_utils.fleet_stress.store.bare_python.lock_holder import HOST_LOCK, holder_of
from ansible.module_utils.fleet_stress.store.bare_python.marks import owner_of
from ansible.module_utils.stress_environment.as_builder import builder_called
from ansible.module_utils.stress_environment.builder import Builder, alone, make
from ansible.module_utils.stress_environment.failure import EnvironmentFailed, without_secrets
from ansible.module_utils.stress_environment.request import starts, why_incomplete
from ansible.module_utils.stress_environment.requested import requested
from ansible.module_utils.stress_host.bot_user import user_facts

ARGUMENTS = {
    "path": {"type": "str", "required": True},
    "python": {"type": "path", "required": True},
    "pip": {"type": "path", "required": True},
    "wheels": {"type": "list", "elements": "path", "default": []},
    "folder": {"type": "path"},
    "requirements": {"type": "list", "elements": "str"},
    "requirements_optional": {"type": "bool", "default": False},
    "packages": {"type": "list", "elements": "str", "default": []},
    "constraints": {"type": "list", "elements": "str", "default": []},
    "leave_out": {"type": "list", "elements": "str", "default": []},
    "pip_environment": {"type": "dict", "default": {}},
    "user": {"type": "str", "default": ""},
    "link": {"type": "path"},
    "within": {"type": "float", "default": 1800.0},
}


def main() -> None:
    """Look whether it is complete; build it if not."""
    module = AnsibleModule(
        argument_spec=ARGUMENTS, required_by={"requirements": ("folder",)}, supports_check_mode=True
    )
    os.umask(0o022)
    # What the module returns of its arguments holds the names alone (and no_log would blank every "1" of a value).
    given = {name: str(value) for name, value in module.params["pip_environment"].items()}
    module.params["pip_environment"] = dict.fromkeys(given, "(not shown)")
    try:
        module.exit_json(**ensure(module.params, look_only=module.check_mode, warn=module.warn, given=given))
    except EnvironmentFailed as problem:
        module.fail_json(msg=without_secrets(str(problem), given))
    except OSError as problem:
        module.fail_json(
            msg=f"{module.params['path']}: cannot be built: {problem}. Make room, or correct the folder."
        )


def ensure(
    asked: Mapping[str, Any],
    *,
    look_only: bool,
    warn: Callable[[str], None],
    given: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the module does; returns its answer.

    ``asked`` are the module's parameters, ``given`` is what pip's environment holds besides.
    """
    version = starts(Path(asked["python"]), "-I")
    if not version:
        raise EnvironmentFailed(f"{asked['python']}: does not start. Name a Python that does: stress_python.")
    folder = Path(asked["folder"]) if asked["folder"] else None
    if look_only and folder and not folder.is_dir():
        # A fresh host: the copy that the files are in would have been made just before.
        return answer(
            Path(asked["path"].replace("{key}", "…")),
            "is not there",
            ["requirements of a copy yet to be made"],
        )
    owner = builder_called(asked["user"], asked["path"], look_only=look_only)
    request, bot, missing = requested(asked, version, folder, owner)
    for file in missing:
        warn(f"{file}: the bot's profile names it, this bot does not have it; nothing comes from it")
    path = Path(asked["path"].replace("{key}", request.key[:12]))
    link = Path(asked["link"]) if asked["link"] else None
    why = why_incomplete(path, request.key)
    if why and not look_only:
        ours = owner_of(path)
        if ours is None:
            raise EnvironmentFailed(
                f"{path}: does not lie in a folder of ours (no marker). Run the whole provision stage."
            )
        open_to_others = refusal(path.parent)
        if open_to_others:
            raise EnvironmentFailed(open_to_others)
        with alone(path, asked["within"]) as lock:
            if why_incomplete(path, request.key):
                idle = holder_of(ours / HOST_LOCK) is None and user_facts(asked["user"])["user_ours"]
                builder = Builder(path, owner, asked["within"], lock, given, owner_is_idle=idle)
                make(builder, request, Path(asked["pip"]), bot)
    linked = link is None or (link.is_symlink() and str(link.readlink()) == path.name)
    if link and not linked and not look_only:
        switch_link(link, path.name)
    why = why or ("" if linked else f"{link} leads elsewhere")
    return answer(path, why, request.lines, complete=not (why and look_only))


def answer(path: Path, why: str, lines: Sequence[str], *, complete: bool = False) -> dict[str, Any]:
    """What the module returns."""
    after = "".join(f"{line}\n" for line in (f"{path} ({why})", *lines))
    return {
        "changed": bool(why),
        "path": str(path),
        "interpreter": str(path / "bin/python"),
        "complete": complete,
        "why": why,
        "diff": {"before": "", "after": after, "before_header": "environment", "after_header": "environment"}
        if why
        else {},
    }


def switch_link(link: Path, target: str) -> None:
    """Point a link elsewhere in one step: readers see the old or the new target."""
    temporary = link.with_name(f".{link.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)


if __name__ == "__main__":
    main()
