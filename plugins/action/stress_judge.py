"""``stress_judge``: judge a run again from its stored evidence. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.catalogue.project import Project
from fleet_controller.runs.run_folder import host_folders, in_use, run_folder
from fleet_controller.untrusted.atomic_files import write_atomic
from fleet_controller.untrusted.packed_evidence import unpack_all

from fleet_stress.judge.rejudge import judge_again


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_judge"
    known = ("run_id", "results_dir")
    os_error = "what was judged cannot be written"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Judge every host's evidence; ``changes`` are verdicts that are others now, by host and scenario."""
        project = Project()
        results_dir = self.results_dir(project)
        folder = run_folder(results_dir, self._task.args.get("run_id"))
        changes: dict[str, dict[str, str]] = {}
        unread: list[str] = []
        with in_use(folder):
            for host in host_folders(folder):
                try:
                    unpack_all(host)  # the report packs it again
                    judged, changed = judge_again(host)
                except Exception as problem:  # evidence is what a host sent: one that is odd spoils its own
                    unread.append(f"{host.name}: {type(problem).__name__}: {problem}")
                    continue
                if changed:
                    changes[host.name] = changed
                if not self._task.check_mode:
                    write_atomic(host / "result.json", judged)
        for name, changed in changes.items():
            for scenario, change in changed.items():
                self._display.display(f"  {name}: {scenario}: {change}")
        return {"changed": bool(changes), "changes": changes, "unread": unread}
