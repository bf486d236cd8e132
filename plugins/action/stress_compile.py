"""``stress_compile``: check everything that was asked for, then begin the run. Documented in ``library/``."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Any

from ansible.release import __version__ as ansible_version
from fleet_controller.ansible.action import Action
from fleet_controller.ansible.typed_command import shown
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.selectors import FAILED
from fleet_controller.hosts.bot_files import command_lines, folder_variables, own_files
from fleet_controller.hosts.bot_source import resolve_source, without_secret
from fleet_controller.hosts.engine_wheels import made_from
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import number_of, plain
from fleet_controller.planning.compile_command import Asked, compile_command
from fleet_controller.planning.compile_plan import store
from fleet_controller.report.page import PAGE, write_runs_page
from fleet_controller.report.page.live import draw
from fleet_controller.results.last_failures import last_failures
from fleet_controller.results.since_earlier import check
from fleet_controller.runs import live_folder
from fleet_controller.runs.run_folder import Run, new_id, open_run
from fleet_controller.runs.wait_for_host import wait_seconds

import fleet_stress


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_compile"
    known = (
        *("begin", "bot", "bot_source", "bot_ref", "profile", "scenarios"),
        *("stress_dir", "results_dir", "host_lock", "allow_commands", "point", "power_cut", "explain_memory"),
        *("earlier", "wait", "resume"),
    )

    def before(self) -> str:
        """What is wrong is found before anything is begun."""
        return "Nothing was begun, and no host was touched.\n"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Check, begin the run, and say what the stages after this one need to know."""
        arguments = dict(self._task.args)
        project = Project()
        results_dir = self.results_dir(project)
        hosts = sorted(map(str, task_vars.get("ansible_play_hosts_all", ())))
        asked = Asked.of(arguments.get("bot"), arguments.get("profile"), arguments.get("scenarios"))
        wanted = FAILED in asked.scenarios
        failed = last_failures(results_dir, asked.bot, asked.profile, hosts) if wanted else None
        compiled = compile_command(
            arguments.get("bot"),
            arguments.get("profile"),
            arguments.get("scenarios"),
            self.truth("allow_commands"),
            arguments.get("point"),
            arguments.get("power_cut") == "enforce",
            self.truth("explain_memory"),
            failed=failed,
            project=project,
        )
        source = resolve_source(arguments.get("bot_source"), arguments.get("bot_ref"), compiled.bot, project)
        wait_seconds(arguments.get("wait"))
        alike = {
            "run_id": "",
            "bot": compiled.asked.bot,
            "profile": compiled.asked.profile,
            "scenarios": compiled.ids,
            "hosts": hosts,
        }
        check(results_dir, arguments.get("earlier") or "", alike, project)
        run = Run(new_id(), results_dir, attached=False)
        begin = self.truth("begin", True)
        if begin and not self._task.check_mode:
            command = {
                "bot": compiled.asked.bot,
                "bot_source": without_secret(source),
                "profile": compiled.asked.profile,
                "scenarios": compiled.ids,
                "stress_dir": str(arguments.get("stress_dir") or ""),
                "hosts": hosts,
                "digest": compiled.digest,
            }
            versions = {
                "fleet_stress": fleet_stress.__version__,
                "ansible": ansible_version,
                "python": platform.python_version(),
            }
            run = open_run(results_dir, command, versions, resume=self.truth("resume", True))
            store(compiled, run.folder)
            self._begin_page(run.folder)
        if run.attached:
            self._display.display(f"  resumes run {run.run_id} (to begin a new one: add -e resume=false)")
        if begin and compiled.known:
            count = number_of(len(compiled.known["entries"]), "known finding")
            self._display.display(
                f"  {count} in {plain(compiled.known['file'])}; the report says which were found"
            )
        return {
            "changed": begin and not run.attached,
            "run_id": run.run_id if begin else "",
            "attached": run.attached,
            "source": without_secret(source),
            "bot": compiled.bot,
            "own_files": own_files(compiled.bot),
            "commands": command_lines(compiled.bot),
            "folder_variables": folder_variables(compiled.bot),
            "scenarios": compiled.ids,
            "last_failed": failed,  # `failed` would say that this task did
            "engine": _engine(project, arguments.get("host_lock")),
        }

    def _begin_page(self, folder: Path) -> None:
        """From now on the run has a page; no run is worse for one that could not be drawn."""
        try:
            live_folder.begin(folder)
            draw(folder, answered=False)
            write_runs_page(folder.parent)
        except OSError as problem:
            self._display.warning(f"{folder}/{PAGE} does not follow the run: {problem.strerror}")
        else:
            self._display.display(f"  follow it in a browser: {shown(folder)}/{PAGE}")


def _engine(project: Project, host_lock: Any) -> str:
    """Changes when what hosts are given of the engine does. Raises UserError."""
    lock = project.of_caller(str(host_lock or project.root / "requirements/host.lock"))
    try:
        return made_from(project.root, lock)
    except OSError as problem:
        do = "correct stress_host_lock"
        raise UserError(
            "what hosts need cannot be read", str(problem.filename), str(problem.strerror), do
        ) from problem
