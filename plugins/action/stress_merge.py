"""``stress_merge``: make one run of the results of several controllers. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import inventories, shown
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError, listed
from fleet_controller.report.merge import merge
from fleet_controller.results.slices import slices, sources


class ActionModule(Action):
    """Runs on the controller alone, and needs no host."""

    _requires_connection = False
    name = "stress_merge"
    known = ("runs", "results_dir")
    os_error = "the results cannot be written"

    def before(self) -> str:
        """A merged run is there as a whole, or not at all."""
        return "Nothing was merged.\n"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Merge; the task's result names the run that came of it."""
        if task_vars.get("stress_run"):
            why = "that run's own report would be left out"
            do = "run first, then: ansible-playbook playbooks/report.yml -e merge=RUN,RUN"
            raise UserError("nothing is merged after a run", "merge", why, do)
        arguments = self._task.args
        project = Project()
        results_dir = self.results_dir(project)
        found = slices(results_dir, sources(arguments.get("runs")), project)
        merged = [item.run.run_id for item in found]
        if self._task.check_mode:
            self._display.display(f"  {listed(merged)} can become one run")
            return {"changed": True, "merged": merged}
        run = merge(results_dir, found, inventories())
        self._display.display(f"  {listed(merged)} are run {run.run_id} ({shown(run.folder)})")
        return {"changed": run.new, "run_id": run.run_id, "results": str(run.folder), "merged": merged}
