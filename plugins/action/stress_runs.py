"""``stress_runs``: list the runs whose results are kept. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import shown
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.terminal import looks
from fleet_controller.report.runs_table import runs, table


class ActionModule(Action):
    """Runs on the controller alone."""

    _requires_connection = False
    name = "stress_runs"
    known = ("results_dir",)
    os_error = "the results cannot be read"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Show them, newest first."""
        results_dir = self.results_dir(Project())
        found = runs(results_dir)
        self._display.display(table(found, shown(results_dir), **looks(self._display)))
        return {"changed": False, "runs": found}
