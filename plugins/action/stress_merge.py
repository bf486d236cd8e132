"""``stress_merge``: make one run of the results of several controllers. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from fleet_controller.errors import UserError, listed, refuse_unknown
from fleet_controller.merge import merge
from fleet_controller.project import Project
from fleet_controller.slices import slices, sources
from fleet_controller.typed import inventories, shown

ARGUMENTS = ("runs", "results_dir")
UNTOUCHED = "Nothing was merged.\n"


class ActionModule(ActionBase):
    """Runs on the controller alone, and needs no host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Merge; the task's result names the run that came of it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            if (task_vars or {}).get("stress_run"):
                why = "that run's own report would be left out"
                do = "run first, then: ansible-playbook playbooks/report.yml -e merge=RUN,RUN"
                raise UserError("nothing is merged after a run", "merge", why, do)
            return {**result, **self._merge(dict(self._task.args))}
        except UserError as problem:
            return {**result, "failed": True, "msg": f"{UNTOUCHED}{problem}"}
        except OSError as problem:
            why = f"{problem.filename}: {problem.strerror}"
            told = f"the results cannot be written: {why}. Make room or give rights there"
            return {**result, "failed": True, "msg": f"{UNTOUCHED}{told}"}
        except Exception as problem:  # a traceback helps nobody who wanted to know what survived
            told = f"A mistake of fleet-stress, please report it: {type(problem).__name__}: {problem}"
            return {**result, "failed": True, "msg": f"{UNTOUCHED}{told}"}

    def _merge(self, arguments: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(arguments, ARGUMENTS, "stress_merge")
        project = Project()
        results_dir = project.of_caller(str(arguments.get("results_dir") or project.root / "results"))
        found = slices(results_dir, sources(arguments.get("runs")), project)
        merged = [one.run.run_id for one in found]
        if self._task.check_mode:
            self._display.display(f"  {listed(merged)} can become one run")
            return {"changed": True, "merged": merged}
        run = merge(results_dir, found, inventories())
        self._display.display(f"  {listed(merged)} are run {run.run_id} ({shown(run.folder)})")
        return {"changed": run.new, "run_id": run.run_id, "results": str(run.folder), "merged": merged}
