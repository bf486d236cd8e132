"""``stress_compare``: what became of every row between two versions of a bot. Documented in ``library/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.utils.vars import load_extra_vars
from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import shown
from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.compare_sources import asked_pair
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.terminal import looks
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.report.compare_table import compare_table
from fleet_controller.report.page.comparison import COMPARISON_PAGE, beside, comparison_page
from fleet_controller.results.compare import COMPARISON, compare, complaint
from fleet_controller.results.finished_run import find
from fleet_controller.untrusted.atomic_files import stored, write_atomic, write_bytes_atomic


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_compare"
    known = (
        *("old", "new", "old_ref", "new_ref", "bot", "profile", "scenarios", "allow_commands"),
        *("old_run", "new_run", "results_dir", "check_only"),
    )
    os_error = "the comparison cannot be written"

    def before(self) -> str:
        """Checking comes first of all."""
        only = self._task.args.get("check_only") in (True, "true", "yes")
        return "Nothing was begun, and no host was touched.\n" if only else ""

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Check what was asked for, or compare two runs; the task fails where something got worse."""
        arguments = dict(self._task.args)
        project = Project()
        results_dir = self.results_dir(project)
        runs = [str(arguments.get(name) or "") for name in ("old_run", "new_run")]
        check_only = self.truth("check_only")
        if check_only and not any(runs):
            return self._check(arguments, project)
        for name, run in zip(("old_run", "new_run"), runs, strict=True):
            if not run:
                raise UserError(
                    f"`{name}` is missing", name, "a comparison takes two runs", f"write -e {name}=RUN"
                )
        old, new = (
            find(results_dir, run, project, name)
            for name, run in zip(("old_run", "new_run"), runs, strict=True)
        )
        comparison = compare(old.results, new.results)
        if check_only:
            return {"changed": False}
        path = new.folder / COMPARISON
        changed = stored(path) != comparison
        if not self._task.check_mode:
            if changed:
                write_atomic(path, comparison)
            there = beside(new.folder, old.folder)
            write_bytes_atomic(new.folder / COMPARISON_PAGE, comparison_page(comparison, there))
        self._display.display(compare_table(comparison, shown(path), **looks(self._display)))
        message = complaint(comparison, shown(path))
        return {
            "changed": changed,
            "comparison": str(path),
            "counts": comparison["counts"],
            **({"failed": True, "msg": message} if message else {}),
        }

    def _check(self, arguments: Mapping[str, Any], project: Project) -> dict[str, Any]:
        """Whether two versions are named that can be run, before the first of them is."""
        given = load_extra_vars(self._loader)
        sources, refs = "old= and new=", "old_ref= and new_ref="
        of_both = {
            "bot_source": sources,
            "stress_bot_source": sources,
            "bot_ref": refs,
            "stress_bot_ref": refs,
        }
        for name, instead in of_both.items():
            if name in given:
                why = "both runs would have the same"
                raise UserError(f"-e {name} says nothing here", name, why, f"leave it out; write {instead}")
        compiled = compile_command(
            arguments.get("bot"),
            arguments.get("profile"),
            arguments.get("scenarios"),
            self.truth("allow_commands"),
            project=project,
        )
        asked_pair(arguments, compiled.bot, project)
        return {"changed": False}
