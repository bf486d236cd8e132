"""``stress_wheels``: what a host needs of the engine's wheels. Documented in ``library/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from fleet_controller.wheels import GatherError, bundle, on_host


class ActionModule(ActionBase):
    """Runs on the controller alone, for many hosts side by side."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Find the wheels in the cache, or gather them; say which of them the host lacks."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        asked = self._task.args
        host = (task_vars or {}).get("inventory_hostname")
        try:
            wheels = bundle(
                str(asked["platform"]), Path(asked["project"]), Path(asked["lock"]), Path(asked["cache"])
            )
        except (GatherError, OSError) as problem:
            return {**result, "failed": True, "msg": f"{host} cannot be given the engine: {problem}"}
        return {**result, "changed": False, **on_host(wheels, asked["stress_dir"], asked["stored"])}
