"""Ansible takes a host for a friend; from here on it takes it for a stranger (docs/security.md, "Hosts that lie").

What Ansible has no setting for is put around three of its methods, in the process that forks all workers: how a host
is asked, what passes of a module's answer, and what gets to the terminal. Every play of ours passes here before it
touches a host, since its ``hosts:`` is a filter of ours.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from fleet_controller.ansible.documented_answer import passed
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.terminal import harmless
from fleet_controller.messages.unreachable import LOST, SILENT
from fleet_controller.untrusted.answer_limits import Silent, answered_within, bounded_memory
from fleet_controller.untrusted.unpack import Hostile

#: The most that a host may say in one answer, in characters; an action of ours that asks for more says so itself.
ANSWER_CHARACTERS = 2_000_000
#: The longest that one answer may take, in seconds; an action of ours that knows better says so itself.
ANSWER_SECONDS = 300.0
#: Tasks that may take longer: they install packages, copy a bot, or undo what a run has left.
_LONG_SECONDS = 3_600.0
_LONG = frozenset(("ansible.builtin.package", "ansible.builtin.command", "bot_copy", "python_env"))
_LONG_TOO = frozenset(("stress_halt", "stress_recover"))
_HERE = "local"
_MARK = "_fleet_stress"


class HostSilent(AnsibleConnectionFailure):  # type: ignore[misc]
    """A host that does not answer is lost, and not ``unreachable``: that would run no rescue."""

    @property
    def result_contribution(self) -> Mapping[str, object]:
        """Of the task's result."""
        return {"failed": True, LOST: SILENT, "msg": self.message}

    @property
    def omit_failed_key(self) -> bool:
        """It is a failure."""
        return False


def refuse_facts_as_variables() -> None:
    """Raises UserError where a foreign ansible.cfg or the environment lets facts of hosts become variables."""
    switched_on, where = constants.config.get_config_value_and_origin("INJECT_FACTS_AS_VARS")
    if switched_on:
        what, place = "Ansible would make variables of what hosts say", f"inject_facts_as_vars ({where})"
        why = "they would outrank our own, and a host could have code of its own run here"
        do = "use the project's ansible.cfg, or say inject_facts_as_vars = False in yours"
        raise UserError(what, place, why, f"{do}; unset ANSIBLE_INJECT_FACT_VARS")


def beware() -> None:
    """Bound, filter and clean what hosts answer in this process and all workers that it forks; repeatable."""
    _surround(ActionBase, "_low_level_execute_command", _asked)
    _surround(ActionBase, "_execute_module", _answered)
    _surround(Display, "display", _shown)


def _surround(owner: type, name: str, around: Callable[..., Any]) -> None:
    inner = getattr(owner, name)
    if hasattr(inner, _MARK):
        return

    @functools.wraps(inner)
    def outer(self: Any, *given: Any, **named: Any) -> Any:
        return around(inner, self, *given, **named)

    setattr(outer, _MARK, True)
    setattr(owner, name, outer)


def _asked(inner: Callable[..., Any], action: Any, *given: Any, **named: Any) -> Any:
    """One way to a host and back."""
    seconds, characters = limits(action)
    try:
        with answered_within(seconds):
            # On this machine the limit of memory would be that of the module too, and of all that it starts.
            if getattr(action._connection, "transport", "") == _HERE:
                answer = inner(action, *given, **named)
            else:
                with bounded_memory():
                    answer = inner(action, *given, **named)
    except Silent as problem:
        raise HostSilent(str(problem)) from None
    except Hostile as problem:
        raise AnsibleActionFail(str(problem)) from None
    if len(answer.get("stdout", "")) + len(answer.get("stderr", "")) > characters:
        raise AnsibleActionFail(f"its answer is longer than any ({characters} characters)")
    return answer


def limits(action: Any) -> tuple[float, int]:
    """How many seconds an answer to this action may take, and how many characters it may have."""
    long = action._task.action in _LONG | _LONG_TOO
    seconds = getattr(action, "answer_seconds", _LONG_SECONDS if long else ANSWER_SECONDS)
    return float(seconds), int(getattr(action, "answer_characters", ANSWER_CHARACTERS))


def _answered(inner: Callable[..., Any], action: Any, *given: Any, **named: Any) -> dict[str, Any]:
    """One module's answer."""
    name = given[0] if given else named.get("module_name")
    try:
        answer = inner(action, *given, **named)
    except RecursionError:
        raise AnsibleActionFail("its answer is nested more deeply than any") from None
    return passed(str(name or action._task.action), answer)


def _shown(inner: Callable[..., Any], display: Display, msg: Any, *given: Any, **named: Any) -> Any:
    """One message for the terminal and the log, whoever's words are in it."""
    return inner(display, harmless(msg) if isinstance(msg, str) else msg, *given, **named)
