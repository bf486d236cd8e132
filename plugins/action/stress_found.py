"""``stress_found``: say what was found on hosts, and fail where one is in trouble. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.messages.text import in_one_line, number_of, plain


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_found"
    needed = ("hosts",)

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Print; the task fails where a host is in trouble."""
        hosts = self.of_hosts("hosts", "lines", "problem")
        troubled = []
        for host in hosts:
            name = str(host["name"])
            for line in list(host["lines"] or ()):
                # A host's words may hold what a terminal would obey.
                self._display.display(f"  {name}: {in_one_line(plain(line), 400)}")
            if host["problem"]:
                troubled.append(name)
                problem = in_one_line(plain(host["problem"]), 600)
                self._display.display(
                    f"  {problem if problem.startswith(name) else f'{name}: {problem}'}", color="red"
                )
        if troubled:
            msg = (
                f"{number_of(len(troubled), 'host')} in trouble: {', '.join(map(plain, troubled))}; see above"
            )
            return {"failed": True, "troubled": troubled, "msg": msg}
        return {"changed": False, "troubled": []}
