"""``stress_report``: write down what a run found, show it, and fail if need be. Documented in ``library/``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible import constants as C
from ansible import context
from ansible.plugins.action import ActionBase
from ansible.utils import color
from ansible.utils.vars import load_extra_vars
from fleet_controller.errors import UserError, did_you_mean, listed
from fleet_controller.project import Project
from fleet_controller.repeat import extra
from fleet_controller.report import complaint, fail_on, run_folder, write
from fleet_controller.results import collect
from fleet_controller.runs import FINISHED, close_run
from fleet_controller.table import table

ARGUMENTS = ("run_id", "results_dir", "problems", "verify", "fail_on")
#: What was said by -e of the hosts must be said again; nothing else, for it may be a password.
_PASSED_ON = ("stress_become", "stress_dir", "stress_python", "stress_user")
#: What Ansible takes for the width of a terminal that is none, and what we take.
_ANSIBLES_WIDTH, _WIDTH = 79, 100


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
        for name in (one for one in arguments if one not in ARGUMENTS):
            there = f"there is: {listed(ARGUMENTS)}"
            raise UserError(
                f"unknown argument `{name}`", "stress_report", there, did_you_mean(name, ARGUMENTS)
            )
        verdicts = fail_on(arguments.get("fail_on"))
        problems, verify = _problems(arguments.get("problems")), _verify(arguments.get("verify"))
        project = Project()
        results_dir = project.of_caller(str(arguments.get("results_dir") or project.root / "results"))
        try:
            folder = run_folder(results_dir, arguments.get("run_id"))
        except UserError:
            if self._task.check_mode:  # nothing was run, so there is nothing to report
                return {"changed": False, "skipped": True, "skip_reason": "check mode began no run"}
            raise
        results = collect(folder, problems, verify, self._command())
        changed = False if self._task.check_mode else _keep(folder, results)
        where = _shown(folder)
        self._display.display(table(results, where, **self._looks()))
        message = complaint(results, verdicts, where)
        return {
            "changed": changed,
            "run_id": results["run_id"],
            "results": str(folder),
            "verdict": results["verdict"],
            "counts": results["counts"],
            **({"failed": True, "msg": message} if message else {}),
        }

    def _looks(self) -> dict[str, Any]:
        """Width and colour of the terminal. A task runs detached from it, so what Ansible saw at its start."""
        width = int(self._display.columns)
        unseen = width <= _ANSIBLES_WIDTH and not color.ANSIBLE_COLOR and not C.ANSIBLE_NOCOLOR
        return {"width": _WIDTH if unseen else width, "colour": bool(color.ANSIBLE_COLOR)}

    def _command(self) -> list[str]:
        """How a command that repeats something begins: with the inventory, unless it is the usual one."""
        given = [str(one) for one in context.CLIARGS.get("inventory") or ()]
        usual = [str(one) for one in C.DEFAULT_HOST_LIST]
        named = [] if list(map(_shown, given)) == list(map(_shown, usual)) else given
        said = load_extra_vars(self._loader)
        extras = [extra(name, said[name]) for name in _PASSED_ON if name in said]
        return [
            *("ansible-playbook", "stress.yml"),
            *(word for one in named for word in ("-i", _shown(one))),
            *(word for one in extras for word in ("-e", one)),
        ]


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


def _shown(path: str | Path) -> str:
    """A path below the current folder as one types it; anything else, such as `h1,h2`, as it is."""
    there = os.path.exists(path)  # noqa: PTH110
    relative = os.path.relpath(path) if there else str(path)
    return str(path) if relative.startswith("..") else relative
