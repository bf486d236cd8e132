"""``stress_wheels``: what a host needs of the engine's wheels. Documented in ``library/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.engine_wheels import GatherError, bundle, on_host


class ActionModule(Action):
    """Runs on the controller alone, for many hosts side by side."""

    _requires_connection = False
    name = "stress_wheels"
    needed = ("cache", "lock", "platform", "stress_dir", "stored")

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Find the wheels in the cache, or gather them; say which of them the host lacks."""
        stored = self._task.args["stored"]
        if not isinstance(stored, (list, tuple)):
            raise self.misfit("stored", "a list of names")
        host = task_vars.get("inventory_hostname")
        try:
            wheels = bundle(
                self.text("platform"), Project().root, *(Path(self.text(item)) for item in ("lock", "cache"))
            )
        except (GatherError, OSError) as problem:
            return {"failed": True, "msg": f"{host} cannot be given the engine: {problem}"}
        return {"changed": False, **on_host(wheels, self.text("stress_dir"), list(map(str, stored)))}
