"""``stress_settings``: check every variable that somebody set. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.ansible.checked_variables import check_given, check_tags


class ActionModule(Action):
    """Runs on the controller alone, before any host is touched."""

    _requires_connection = False
    name = "stress_settings"
    known = ("stages",)

    def before(self) -> str:
        """What is wrong is found before anything is begun."""
        return "Nothing was begun, and no host was touched.\n"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Check; the task fails with all that is wrong."""
        stages = self._task.args.get("stages") or []
        if not isinstance(stages, (list, tuple)):
            raise self.misfit("stages", "a list of tags")
        run, skip = (task_vars.get(f"ansible_{word}_tags", ()) for word in ("run", "skip"))
        check_tags(run, skip, list(map(str, stages)))
        check_given(task_vars, self._templar, self._loader)
        return {"changed": False}
