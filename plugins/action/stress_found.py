"""``stress_found``: say what was found on hosts, and fail where one is in trouble. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from fleet_controller.text import in_one_line, number_of, plain


class ActionModule(ActionBase):
    """Runs on the controller alone, once for all hosts."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Print; the task fails where a host is in trouble."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        hosts = self._task.args["hosts"]
        troubled = []
        for name, one in hosts.items():
            for line in one["lines"]:
                # A host's words may hold what a terminal would obey.
                self._display.display(f"  {name}: {in_one_line(plain(line), 400)}")
            if one["problem"]:
                troubled.append(name)
                told = in_one_line(plain(one["problem"]), 600)
                self._display.display(
                    f"  {told if told.startswith(name) else f'{name}: {told}'}", color="red"
                )
        if troubled:
            msg = (
                f"{number_of(len(troubled), 'host')} in trouble: {', '.join(map(plain, troubled))}; see above"
            )
            return {**result, "failed": True, "troubled": troubled, "msg": msg}
        return {**result, "changed": False, "troubled": []}
