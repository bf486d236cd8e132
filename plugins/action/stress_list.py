"""``stress_list``: show what there is, and what hosts can do. Documented in ``library/``."""

from __future__ import annotations

from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.messages.terminal import Drawn, looks
from fleet_controller.report.capabilities_table import answers
from fleet_controller.report.listing import Listing, catalogue, hosts, parts


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts."""

    _requires_connection = False
    name = "stress_list"
    known = ("bot", "profile", "scenarios", "list", "answers")

    def before(self) -> str:
        """Whatever is wrong is found before anything is shown."""
        return "Nothing was listed.\n"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Show the catalogue; or what the hosts of the play answered that they can do."""
        asked = self._task.args
        chosen = parts(asked.get("list"))
        if self.truth("answers"):
            text = hosts(answers(self.hosts_of_play(task_vars)), **looks(self._display))
        else:
            listing = Listing.of(asked.get("bot"), asked.get("profile"), asked.get("scenarios"))
            text = catalogue(listing, chosen, **looks(self._display))
        if text:
            self._display.display(Drawn(f"{text}\n"))
        return {"changed": False, "parts": chosen}
