"""``stress_look``: find a Python on a host, collect facts, and judge them. Documented in ``library/``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from fleet_controller.lost import LOST, could_not_be_reached
from fleet_controller.preflight import stress_probe, stress_problems, stress_sentences

USER = "fleet-stress"
#: What the module stress_facts is told as it was said.
_PASSED_ON = ("stress_dir", "relative_to", "folder_variables", "bot_folder", "programs")


class ActionModule(ActionBase):
    """Two ways to the host: a shell that needs nothing of it, and one module."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Look; fails where nothing can be found out, and, asked to judge, where anything speaks against it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        known = task_vars or {}
        host = str(known.get("inventory_hostname"))
        try:
            return {**result, **self._look(host, known)}
        except AnsibleConnectionFailure as problem:
            told = could_not_be_reached(host, str(problem))
            return {**result, "failed": True, LOST: True, "msg": told}

    def _look(self, host: str, known: dict[str, Any]) -> dict[str, Any]:
        asked = self._task.args
        become = boolean(asked.get("become", True))
        probed = self._probe(str(asked.get("python") or ""), known, become=become)
        if probed["problems"]:
            return {"failed": True, "msg": stress_sentences(probed["problems"], host)}
        root = probed["uid"] == 0
        if root:
            # As root already nothing is become: a bare server need not have sudo.
            self._connection.set_become_plugin(None)
        user = asked.get("user") or (USER if become or root else probed["user"])
        facts = self._execute_module(
            "stress_facts",
            module_args={**{name: asked[name] for name in _PASSED_ON if name in asked}, "user": user},
            task_vars={**known, "ansible_python_interpreter": probed["python"]},
        )
        facts.pop("invocation", None)
        if facts.get("failed"):
            return dict(facts)
        about = {
            "host_python": probed["python"],
            "become_now": become and not root,
            "as_root": become or root,
            "platform": f"{facts['system']}/{facts['machine']}/{facts['libc']}",
        }
        if boolean(asked.get("judge", False)):
            found = stress_problems(
                facts,
                str(asked["stress_dir"]),
                str(asked.get("bot_source") or ""),
                may_create_user=become,
                disk_floor_mb=int(asked.get("disk_floor_mb") or 0),
                memory_floor_mb=int(asked.get("memory_floor_mb") or 0),
            )
            if found:
                return {"failed": True, "msg": stress_sentences(found, host)}
        return {**facts, **about, "changed": False}

    def _probe(self, wanted: str, known: dict[str, Any], *, become: bool) -> dict[str, Any]:
        """Which Python starts there, and who we are. As the login itself, whatever becomes of it later."""
        # What the inventory names comes first, unless it is a word for "look for one" (auto_silent).
        named = str(known.get("ansible_python_interpreter") or "")
        first = named if "/" in named else ""
        script = Path(str(self._task.args["script"])).read_text(encoding="utf-8")
        words = " ".join(map(shlex.quote, (script, "find_python", wanted, first)))
        answer = self._low_level_execute_command(f"/bin/sh -c {words}", sudoable=False, executable=False)
        method = str(known.get("ansible_become_method") or "sudo")
        return stress_probe(str(answer["stdout"]), become, wanted, method)
