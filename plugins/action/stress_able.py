"""``stress_able``: ask a host's engine what it can do of a plan. Documented in ``library/``."""

from __future__ import annotations

import json
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.hosts.engine_command import engine_command
from fleet_controller.planning.compile_plan import compile_plan
from fleet_controller.report.capabilities_table import OTHER_ENGINE, read_answer

_OF_PLAN = ("bot", "profile", "scenarios", "facts", "stress_dir", "user")
#: Stands in the plan for what only provisioning knows, and asking does not need.
_NOT_YET = "-"


class ActionModule(Action):
    """One command on the host, which reads a plan and changes nothing."""

    name = "stress_able"
    needed = ("engine_python",)
    known = ("bot", "profile", "scenarios", "facts", "stress_dir", "user", "engine_python")

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Compile the host's plan, and ask."""
        asked, host = self._task.args, str(task_vars.get("inventory_hostname"))
        plan = compile_plan(
            **{name: asked.get(name) for name in _OF_PLAN},
            run_id="none",
            host=host,
            copy=_NOT_YET,
            python=_NOT_YET,
            allow_commands=True,
        )
        command = engine_command(str(asked["engine_python"]), "unable")
        answer = self._low_level_execute_command(command, sudoable=True, in_data=json.dumps(plan).encode())
        found = read_answer(str(answer["stdout"]), plan) if answer["rc"] == 0 else None
        if found is None:
            return {"failed": True, "msg": f"{host}: {OTHER_ENGINE.format(host=host)}"}
        return {"changed": False, **found}
