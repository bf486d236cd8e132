"""Rows about the disk of the state folder, and bots that keep their state elsewhere or are started in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_controller.catalogue.bots import Bot
from fleet_controller.messages.errors import Problem

#: Faults that act on the state folder unless they are told otherwise.
_BY_DEFAULT = ("faulty_fs", "read_only", "slow_disk", "vanish")
#: Faults that begin while the bot runs and put something in the folder's place: who was started in it stays in it.
_UNDER_A_RUNNING_BOT = ("read_only", "vanish")
_FOLDERS = ("state", "both")

Step = Mapping[str, Any]


def state_elsewhere(steps: Sequence[Step], bot: Bot) -> list[Problem]:
    """Why a row would never meet the bot's state; ``steps`` are worked out."""
    value, name = bot.value, bot.value["name"]
    faults = dict.fromkeys(_on_state(steps))
    if not faults:
        return []
    if not any(_lies_there(entry["path"]) for entry in value["state"].values()):
        do = "start it there with `working_folder: ${state_dir}`, or tell it ${state_dir} by a variable or an argument"
        return [Problem(f"the bot profile {name} names no state file in ${{state_dir}}", do=do)]
    if value["working_folder"].startswith("${state_dir}") and set(faults) <= set(_UNDER_A_RUNNING_BOT):
        what = (
            f"the bot {name} is started in its state folder, which nothing takes away from it while it runs"
        )
        return [Problem(what, do="tell it ${state_dir} by a variable or an argument, if it can be told")]
    return []


def _lies_there(path: str) -> bool:
    return not path.startswith("${") or path.startswith("${state_dir}")


def _on_state(steps: Sequence[Step]) -> Iterator[str]:
    """What acts on the state folder: names of faults, or the verb that looks at each operation there."""
    for step in steps:
        verb, arguments = next(iter(step.items()))
        if verb == "fault":
            name, given = next(iter(arguments.items()))
            if given.get("folder", "state" if name in _BY_DEFAULT else "") in _FOLDERS:
                yield name
        elif _is_aimed(verb, arguments):
            yield verb
        elif verb == "repeat":
            yield from _on_state(arguments["steps"])


def _is_aimed(verb: str, arguments: Any) -> bool:
    """Whether a step looks for an operation on the state folder."""
    if verb == "visit":
        return arguments.get("folder", "both") in _FOLDERS
    return verb == "signal" and isinstance(arguments, Mapping)
