"""``stress_compare``: what became of every row between two versions of a bot. Documented in ``library/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.vars import load_extra_vars
from fleet_controller.command import compile_command
from fleet_controller.compare import COMPARISON, compare, complaint
from fleet_controller.compare_table import compare_table
from fleet_controller.errors import UserError, refuse_unknown
from fleet_controller.files import stored, write_atomic
from fleet_controller.finished import find
from fleet_controller.pair import asked_pair
from fleet_controller.project import Project
from fleet_controller.terminal import looks
from fleet_controller.typed import shown

ARGUMENTS = (
    *("old", "new", "old_ref", "new_ref", "bot", "profile", "scenarios", "allow_commands"),
    *("old_run", "new_run", "results_dir", "check_only"),
)
UNTOUCHED = "Nothing was begun, and no host was touched.\n"


class ActionModule(ActionBase):
    """Runs on the controller alone, once for all hosts."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check what was asked for, or compare two runs; the task fails where something got worse."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        before = UNTOUCHED if boolean(self._task.args.get("check_only", False)) else ""
        try:
            return {**result, **self._compare(dict(self._task.args))}
        except UserError as problem:
            return {**result, "failed": True, "msg": f"{before}{problem}"}
        except OSError as problem:
            told = f"the comparison cannot be written: {problem.filename}: {problem.strerror}"
            return {
                **result,
                "failed": True,
                "msg": f"{told}. Make room or give rights there, then compare again",
            }
        except Exception as problem:  # a traceback helps nobody who wanted to know what got worse
            told = f"{type(problem).__name__}: {problem}"
            return {
                **result,
                "failed": True,
                "msg": f"{before}A mistake of fleet-stress, please report it: {told}",
            }

    def _compare(self, arguments: dict[str, Any]) -> dict[str, Any]:
        refuse_unknown(arguments, ARGUMENTS, "stress_compare")
        project = Project()
        results_dir = project.of_caller(str(arguments.get("results_dir") or project.root / "results"))
        runs = [str(arguments.get(name) or "") for name in ("old_run", "new_run")]
        check_only = boolean(arguments.get("check_only", False))
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
        if changed and not self._task.check_mode:
            write_atomic(path, comparison)
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
        said = load_extra_vars(self._loader)
        for name, instead in (("bot_source", "old= and new="), ("bot_ref", "old_ref= and new_ref=")):
            if name in said:
                why = "both runs would have the same"
                raise UserError(f"-e {name} says nothing here", name, why, f"leave it out; write {instead}")
        compiled = compile_command(
            arguments.get("bot"),
            arguments.get("profile"),
            arguments.get("scenarios"),
            boolean(arguments.get("allow_commands", False)),
            project=project,
        )
        asked_pair(arguments, compiled.bot, project)
        return {"changed": False}
