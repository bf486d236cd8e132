"""``stress_pack``: pack the bot on the controller. Documented in ``library/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.hosts.pack_bot import packed

from fleet_stress.store.bot_archive import BotCopyError, Rules


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_pack"
    known = (
        "source",
        "ref",
        "cache",
        "max_mb",
        "leave_out",
        "own_files",
        "requirements",
        "commands",
        "look_only",
    )
    needed = ("source", "cache", "max_mb", "commands")

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Pack it; what is wrong with it is in ``problem``, since a task with a secret address hides its message."""
        asked = self._task.args
        try:
            found = packed(
                self.text("source").strip(),
                str(asked.get("ref") or "HEAD"),
                Path(self.text("cache")),
                rules=Rules(asked.get("leave_out") or [], asked.get("own_files") or []),
                requirements=asked.get("requirements") or [],
                commands=asked["commands"],
                max_mb=float(asked["max_mb"]),
                look_only=self.truth("look_only"),
            )
        except (BotCopyError, OSError) as problem:
            return {"changed": False, "problem": str(problem)}
        return {"changed": False, "problem": "", **found}
