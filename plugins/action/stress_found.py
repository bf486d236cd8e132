"""``stress_found``: say what was found on hosts, and fail where one is in trouble. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.messages.in_brief import in_brief
from fleet_controller.messages.text import in_one_line, number_of, plain
from fleet_controller.report.recovery_report import found


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_found"
    known = ("looked_only", "halted", "problems_only")

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Print; the task fails where a host is in trouble."""
        report = found(
            self.hosts_of_play(task_vars),
            looked_only=self.truth("looked_only"),
            halted=None if self._task.args.get("halted") is None else self.truth("halted"),
            problems_only=self.truth("problems_only"),
        )
        troubled = []
        for name, host in report.items():
            for line in host["lines"]:
                # A host's words may hold what a terminal would obey.
                self._display.display(f"  {name}: {in_one_line(plain(line), 400)}")
            if host["problem"]:
                troubled.append(name)
                # The whole of it was told by the task that failed.
                self._display.display(f"  {plain(name)}: {in_brief(host['problem'], name)}", color="red")
        if troubled:
            msg = (
                f"{number_of(len(troubled), 'host')} in trouble: {', '.join(map(plain, troubled))}; see above"
            )
            return {"failed": True, "troubled": troubled, "msg": msg}
        return {"changed": False, "troubled": []}
