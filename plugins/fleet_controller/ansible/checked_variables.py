"""What Ansible knows of our variables for one host, as ``variables.check`` takes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from ansible.errors import AnsibleError
from ansible.utils.vars import load_extra_vars

from fleet_controller.hosts.variables import changed, check, documented, misspelled
from fleet_controller.messages.errors import Problems, UserError, did_you_mean, listed
from fleet_controller.messages.text import in_one_line, plain

#: Ansible knows these tags itself.
_TAGS = ("all", "always", "never", "tagged", "untagged")
_ALL = ("all", "untagged")


def check_given(task_vars: Mapping[str, Any], templar: Any, loader: Any) -> None:
    """Whether every variable of ours that somebody set for this host holds what it may. Raises UserError."""
    known = documented()
    given = [name for name in load_extra_vars(loader) if not name.startswith("ansible_")]
    # Only a name that could be meant for one of ours is worth asking the inventory.
    doubtful = any(misspelled(name, known) for name in given)
    others = _of_inventory(task_vars) if doubtful else ()
    values, problems = {}, Problems()
    for name in changed(task_vars, known):
        try:
            values[name] = templar.template(task_vars[name])
        except AnsibleError as problem:
            place = f"-e {name}" if name in given else f"{name}, in the inventory"
            why, do = in_one_line(plain(problem), 300), "correct the expression, or leave the variable out"
            problems.add(f"`{name}` cannot be worked out", place, why, do)
    for look in (partial(check, values, given, others, known), partial(_verdicts, values)):
        try:
            look()
        except UserError as error:
            problems.extend(error)
    problems.raise_any()


def check_tags(chosen: Sequence[str], left_out: Sequence[str], stages: Sequence[str]) -> None:
    """Whether each tag is a stage: with one that nobody has, nothing runs, or all of it, and neither was meant.

    Args:
        chosen: After ``--tags``.
        left_out: After ``--skip-tags``.
        stages: The tags of this playbook; none where it runs as a whole.

    Raises:
        UserError: Some are not.
    """
    problems = Problems()
    known = (*stages, *(_TAGS if stages else _ALL))
    for option, tags in (("--tags", chosen), ("--skip-tags", left_out)):
        for tag in tags:
            if tag not in known:
                why = (
                    f"no task has it; there is: {listed(stages)}" if stages else "this command has no stages"
                )
                do = did_you_mean(str(tag), stages, "use one of these") if stages else f"leave {option} out"
                problems.add(f"unknown tag `{plain(tag, 100)}`", option, why, do)
    problems.raise_any()


def _verdicts(values: Mapping[str, Any]) -> None:
    """A word that the report would stumble over is told before the run, not after it. Raises UserError."""
    if "fail_on" in values:
        from fleet_controller.report.report import fail_on  # brings all formats along

        fail_on(values["fail_on"])


def _of_inventory(task_vars: Mapping[str, Any]) -> set[str]:
    """Names of all variables that this host has without -e."""
    manager = copy.copy(task_vars["hostvars"]._variable_manager)
    manager._extra_vars = {}
    host = manager._inventory.get_host(str(task_vars["inventory_hostname"]))
    return set(manager.get_vars(host=host, include_hostvars=False))
