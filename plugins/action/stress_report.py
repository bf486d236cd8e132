"""``stress_report``: write down what a run found, show it, and fail if need be. Documented in ``library/``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from fleet_controller.errors import UserError, refuse_unknown
from fleet_controller.project import Project
from fleet_controller.rehearsal import rehearsal
from fleet_controller.report import complaint, fail_on, run_folder, write
from fleet_controller.results import collect
from fleet_controller.runs import FINISHED, close_run
from fleet_controller.table import table
from fleet_controller.terminal import looks
from fleet_controller.typed import command, shown

ARGUMENTS = (
    *("run_id", "results_dir", "problems", "unreachable", "verify"),
    *("fail_on", "judge", "rehearsed"),
)


class ActionModule(ActionBase):
    """Runs on the controller alone, once for all hosts."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Report; the task fails where something was not survived."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        try:
            return {**result, **self._report(dict(self._task.args))}
        except UserError as problem:
            return {**result, "failed": True, "msg": str(problem)}
        except OSError as problem:
            told = f"the report cannot be written: {problem.filename}: {problem.strerror}"
            return {
                **result,
                "failed": True,
                "msg": f"{told}. Make room or give rights there, then report again",
            }
        except Exception as problem:  # a traceback helps nobody who wanted to know what survived
            told = f"{type(problem).__name__}: {problem}"
            return {**result, "failed": True, "msg": f"A mistake of fleet-stress, please report it: {told}"}

    def _report(self, arguments: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(arguments, ARGUMENTS, "stress_report")
        verdicts = fail_on(arguments.get("fail_on"))
        problems, verify = _problems(arguments.get("problems")), _verify(arguments.get("verify"))
        planned = arguments.get("rehearsed")
        if self._task.check_mode and isinstance(planned, Mapping):
            self._display.display(rehearsal(planned, problems or {}, **looks(self._display)))
            return {"changed": False}
        project = Project()
        results_dir = project.of_caller(str(arguments.get("results_dir") or project.root / "results"))
        try:
            folder = run_folder(results_dir, arguments.get("run_id"))
        except UserError:
            if self._task.check_mode:  # nothing was run, so there is nothing to report
                return {"changed": False, "skipped": True, "skip_reason": "check mode began no run"}
            raise
        results = collect(folder, problems, verify, command(self._loader), arguments.get("unreachable"))
        changed = False if self._task.check_mode else _keep(folder, results)
        where = shown(folder)
        self._display.display(table(results, where, **looks(self._display)))
        message = complaint(results, verdicts, where) if boolean(arguments.get("judge", True)) else None
        return {
            "changed": changed,
            "run_id": results["run_id"],
            "results": str(folder),
            "verdict": results["verdict"],
            "counts": results["counts"],
            **({"failed": True, "msg": message} if message else {}),
        }


def _keep(folder: Path, results: dict[str, Any]) -> bool:
    """Write the report, then close the run: a death in between leaves a run that the same command reports."""
    changed = write(folder, results)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    if changed or run["state"] != FINISHED:
        close_run(folder.parent, folder.name, verdict=results["verdict"], counts=results["counts"])
        return True
    return False


def _problems(asked: Any) -> dict[str, str] | None:
    if asked is None or isinstance(asked, Mapping):
        return None if asked is None else {str(name): str(one) for name, one in asked.items()}
    raise UserError(f"{asked!r} names no hosts", "problems", "it is a message for each host, by its name")


def _verify(asked: Any) -> dict[str, list[str]] | None:
    if asked is None:
        return None
    if not isinstance(asked, Mapping):
        raise UserError(
            f"{asked!r} names no hosts", "verify", "it is a list of sentences for each host, by its name"
        )
    return {str(name): [one] if isinstance(one, str) else list(one or ()) for name, one in asked.items()}
