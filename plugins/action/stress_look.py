"""``stress_look``: find a Python on a host, collect facts, and judge them. Documented in ``library/``."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from fleet_controller.ansible.action import Action
from fleet_controller.ansible.checked_variables import check_given
from fleet_controller.ansible.documented_answer import documented
from fleet_controller.hosts.preflight.folders import not_writable, open_folders
from fleet_controller.hosts.preflight.host_problems import host_problems
from fleet_controller.hosts.preflight.problem import as_message
from fleet_controller.hosts.preflight.way_in import read_probe, wants_password
from fleet_controller.messages.errors import listed
from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.recovery_report import has_engine, lacks_engine

USER = "fleet-stress"
#: How it shows that what a stranger says has parts that are missing, or of another type.
_NONSENSE = (LookupError, TypeError, ValueError, AttributeError)
#: What the module stress_facts is told as it was said.
_PASSED_ON = ("stress_dir", "relative_to", "folder_variables", "bot_folder", "programs")


class ActionModule(Action):
    """Two ways to the host: a shell that needs nothing of it, and one module."""

    name = "stress_look"
    needed = ("script", "stress_dir")
    reached = False

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Look; fails where nothing can be found out, and, asked to judge, where anything speaks against it."""
        check_given(task_vars, self._templar, self._loader)
        host = str(task_vars.get("inventory_hostname"))
        try:
            return self._look(host, task_vars)
        except _NONSENSE as problem:
            why = in_one_line(plain(f"{type(problem).__name__}: {problem}"), 200)
            said = f"{host} cannot be used: what it says of itself makes no sense ({why})"
            return {"failed": True, "msg": said}

    def _look(self, host: str, known: dict[str, Any]) -> dict[str, Any]:
        asked = self._task.args
        become = self.truth("become", True)
        probed = self._probe(str(asked.get("python") or ""), known, become=become)
        if probed["problems"]:
            return {"failed": True, "msg": as_message(probed["problems"], host)}
        root = probed["uid"] == 0
        if root:
            # As root already nothing is become: a bare server need not have sudo.
            self._connection.set_become_plugin(None)
        user = asked.get("user") or (USER if become or root else probed["user"])
        try:
            facts = self._execute_module(
                "stress_facts",
                module_args={**{name: asked[name] for name in _PASSED_ON if name in asked}, "user": user},
                task_vars={**known, "ansible_python_interpreter": probed["python"]},
            )
        except AnsibleError as error:
            password = wants_password(str(error), probed["user"])
            if password is None:
                raise
            return {"failed": True, "msg": as_message([password], host)}
        facts.pop("invocation", None)
        if facts.get("failed"):
            return dict(facts)
        if missing := sorted((documented("stress_facts") or frozenset()) - set(facts)):
            raise LookupError(f"{listed(missing)} missing")
        about = {
            "host_python": probed["python"],
            "become_now": become and not root,
            "as_root": become or root,
            "has_engine": has_engine(facts),
            "lacks_engine": lacks_engine(facts),
            "platform": f"{facts['system']}/{facts['machine']}/{facts['libc']}",
        }
        if self.truth("judge"):
            found = host_problems(
                facts,
                str(asked["stress_dir"]),
                str(asked.get("bot_source") or ""),
                may_create_user=become,
                disk_floor_mb=int(asked.get("disk_floor_mb") or 0),
                memory_floor_mb=int(asked.get("memory_floor_mb") or 0),
            )
            if found:
                return {"failed": True, "msg": as_message(found, host)}
        elif facts["state"] != "foreign":
            # Who only halts or cleans up writes there, or runs what lies there, as root too.
            acts = facts["state"] == "ours" and not self.truth("reads_only")
            found = [*open_folders(facts), *(not_writable(facts) if acts else ())]
            if found:
                return {"failed": True, "msg": as_message(found, host)}
        return {**facts, **about, "changed": False}

    def _probe(self, wanted: str, known: dict[str, Any], *, become: bool) -> dict[str, Any]:
        """Which Python starts there, and who we are. As the login itself, whatever becomes of it later."""
        # What the inventory names comes first, unless it is a word for "look for one" (auto_silent).
        named = str(known.get("ansible_python_interpreter") or "")
        first = named if "/" in named else ""
        script = Path(self.text("script")).read_text(encoding="utf-8")
        words = " ".join(map(shlex.quote, (script, "find_python", wanted, first)))
        answer = self._low_level_execute_command(f"/bin/sh -c {words}", sudoable=False, executable=False)
        method = str(known.get("ansible_become_method") or "sudo")
        return read_probe(str(answer["stdout"]), become, wanted, method)
