"""``stress_report``: write down what a run found, show it, and fail if need be. Documented in ``library/``."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import command, shown
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.terminal import looks
from fleet_controller.messages.text import number_of
from fleet_controller.report.check_mode import rehearsal
from fleet_controller.report.page import PAGE, write_runs_page
from fleet_controller.report.report import Written, complaint, fail_on, write
from fleet_controller.report.run_table import table
from fleet_controller.results.pack_passed import drop_what_is_packed, pack_passed
from fleet_controller.results.results import collect
from fleet_controller.results.since_earlier import since
from fleet_controller.runs import live_folder
from fleet_controller.runs.keep_results import keep
from fleet_controller.runs.run_folder import FINISHED, close_run, in_use, run_folder


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_report"
    known = (
        *("run_id", "results_dir", "problems", "unreachable", "verify"),
        *("fail_on", "judge", "rehearsed", "earlier", "keep", "pack"),
    )
    os_error = "the report cannot be written"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Report; the task fails where something was not survived."""
        arguments = dict(self._task.args)
        verdicts = fail_on(arguments.get("fail_on"))
        problems, verify = _problems(arguments.get("problems")), _verify(arguments.get("verify"))
        planned = arguments.get("rehearsed")
        if self._task.check_mode and isinstance(planned, Mapping):
            self._display.display(rehearsal(planned, problems or {}, **looks(self._display)))
            return {"changed": False}
        project = Project()
        results_dir = self.results_dir(project)
        try:
            folder = run_folder(results_dir, arguments.get("run_id"))
        except UserError:
            if self._task.check_mode:  # nothing was run, so there is nothing to report
                return {"changed": False, "skipped": True, "skip_reason": "check mode began no run"}
            raise
        with in_use(folder):
            results = collect(folder, problems, verify, command(self._loader), arguments.get("unreachable"))
            new = since(results_dir, results, arguments.get("earlier") or "", project)
            results.update({"earlier": new} if new else {})
            written = Written(False, []) if self._task.check_mode else self._store(folder, results)
        where = shown(folder)
        self._display.display(table(results, where, **looks(self._display)))
        judges = self.truth("judge", True)
        message = complaint(results, verdicts, where, written.problems) if judges else None
        if judges and not self._task.check_mode:
            self._keep(results_dir, {str(results["run_id"]), *([str(new["run_id"])] if new else [])})
        if not self._task.check_mode:
            self._list_runs(results_dir)
        return {
            "changed": written.changed,
            "run_id": results["run_id"],
            "results": str(folder),
            "verdict": results["verdict"],
            "counts": results["counts"],
            "warnings": written.problems,
            **({"failed": True, "msg": message} if message else {}),
        }

    def _store(self, folder: Path, results: dict[str, Any]) -> Written:
        """Write the report, then close the run: a death in between leaves a run that the same command reports."""
        live_folder.end(folder)
        problems = pack_passed(folder, results, packs=self.truth("pack", True))
        written = write(folder, results)
        written = written._replace(problems=[*written.problems, *problems])
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        if written.changed or run["state"] != FINISHED:
            close_run(folder.parent, folder.name, verdict=results["verdict"], counts=results["counts"])
            written = written._replace(changed=True)
        drop_what_is_packed(folder)
        return written

    def _list_runs(self, results_dir: Path) -> None:
        """Draw the page over all runs; a run is no worse for one that could not be written."""
        try:
            write_runs_page(results_dir)
        except OSError as problem:
            self._display.warning(f"{results_dir}/{PAGE} was not written: {problem.strerror}")

    def _keep(self, results_dir: Path, spared: Collection[str]) -> None:
        """Remove what is older than what is to be kept."""
        most = int(self._task.args.get("keep") or 0)
        gone = keep(results_dir, most, spared)
        if gone:
            runs = number_of(len(gone), "older run")
            self._display.display(f"removed: the results of {runs} (stress_keep_results={most})")


_DO = "write a mapping, `h1: …`, or leave it out"


def _problems(asked: Any) -> dict[str, str] | None:
    if asked is None or isinstance(asked, Mapping):
        return None if asked is None else {str(name): str(item) for name, item in asked.items()}
    raise UserError(
        f"{asked!r} names no hosts", "problems", "it is a message for each host, by its name", _DO
    )


def _verify(asked: Any) -> dict[str, list[str]] | None:
    if asked is None:
        return None
    if not isinstance(asked, Mapping):
        raise UserError(
            f"{asked!r} names no hosts", "verify", "it is a list of sentences for each host, by its name", _DO
        )
    lists = {
        str(name): item if isinstance(item, (list, tuple)) else [item or ""] for name, item in asked.items()
    }
    return {name: [str(item) for item in found if item] for name, found in lists.items()}
