"""``stress_plan``, the controller's part: compile, hand over, follow, fetch. Documented in ``library/``."""

from __future__ import annotations

import json
import shlex
import time
from collections import Counter
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from fleet_controller.compile import compile_plan
from fleet_controller.errors import UserError
from fleet_controller.text import plain
from fleet_controller.unpack import Hostile, unpack

#: One long poll waits so many seconds on the host for news.
POLL_SECONDS = 20
RETRY_SECONDS = 2
COLOURS = {"passed": "green", "skipped": "cyan", "not_exercised": "yellow"}


class ActionModule(ActionBase):
    """Runs one host's plan to its end, from the controller's side."""

    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Compile, hand over, follow, fetch; the task's result says what the run found."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        arguments = self._task.args
        host = str((task_vars or {}).get("inventory_hostname"))
        try:
            plan = compile_plan(
                **{
                    name: arguments.get(name)
                    for name in (
                        "run_id",
                        "bot",
                        "profile",
                        "scenarios",
                        "facts",
                        "stress_dir",
                        "user",
                        "results_dir",
                    )
                },
                copy=arguments["bot_copy"],
                python=arguments["bot_python"],
                source=arguments.get("bot_source"),
                host=host,
            )
        except UserError as problem:
            return {**result, "failed": True, "msg": str(problem)}
        if self._task.check_mode:
            titles = [one["id"] for one in plan["scenarios"]]
            return {**result, "changed": True, "run_id": plan["run_id"], "scenarios": titles}
        handed = self._execute_module("stress_plan", module_args={"plan": plan}, task_vars=task_vars)
        if handed.get("failed"):
            return {**result, **handed}
        result.update({name: handed[name] for name in ("run_dir", "run_id", "attached", "started")})
        self._say(host, f"{'attached to' if handed['attached'] else 'started'} run {handed['run_id']}")
        lost = self._follow(host, handed["run_dir"])
        if lost:
            return {**result, "failed": True, "msg": plain(lost)}
        return {**result, "changed": True, **self._fetch(host, handed["run_dir"])}

    def _follow(self, host: str, run_dir: str) -> str | None:
        """Watch until the run has ended; returns why it cannot be watched any more, or None."""
        offset, silent_since, deaths = 0, time.monotonic(), 0
        patience = float(self._task.args.get("unreachable_within", 300))
        while True:
            try:
                lines = self._engine(f"follow {shlex.quote(run_dir)} --offset {offset} --wait {POLL_SECONDS}")
            except AnsibleError as problem:
                if time.monotonic() - silent_since > patience:
                    return (
                        f"{host} has not answered for {patience:g} s ({problem}); its run goes on there:"
                        " the same command attaches to it again"
                    )
                time.sleep(RETRY_SECONDS)
                continue
            silent_since = time.monotonic()
            poll = lines.pop()
            offset = poll["offset"]
            for entry in lines:
                self._tell(host, entry)
            if poll["ended"]:
                return None
            if not poll["alive"]:
                # Between giving the lock free and the result there is nothing: look twice to be sure.
                deaths += 1
                if deaths > 1:
                    return (
                        f"{host}: the supervisor of {run_dir} died before the end; its journal and"
                        " supervisor.log say how far it came. The same command resumes the run"
                    )

    def _fetch(self, host: str, run_dir: str) -> dict[str, Any]:
        """Bring the run's archive into the results folder, and count its verdicts."""
        archive = self._engine_text(f"archive {shlex.quote(run_dir)}").strip()
        target = Path(self._task.args["results_dir"], self._task.args["run_id"], "hosts", host)
        target.mkdir(parents=True, exist_ok=True)
        packed = target / "archive.tar.gz"
        self._connection.fetch_file(archive, str(packed))
        try:
            unpack(packed, target)
        except Hostile as problem:
            return {"failed": True, "msg": f"{host}: its archive was refused: {problem}"}
        packed.unlink()
        self._engine_text(f"collected {shlex.quote(run_dir)}")
        verdicts = json.loads((target / "result.json").read_text(encoding="utf-8"))["scenarios"]
        return {"counts": dict(Counter(one["verdict"] for one in verdicts))}

    def _engine(self, words: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self._engine_text(words).splitlines() if line.startswith("{")]
        if not lines:
            raise AnsibleConnectionFailure("the engine on the host answered nothing")
        return lines

    def _engine_text(self, words: str) -> str:
        """Run one command of the engine on the host; no module, no file, one round trip."""
        python = shlex.quote(self._task.args["engine_python"])
        answer = self._low_level_execute_command(f"{python} -m fleet_stress {words}", sudoable=True)
        if answer["rc"] != 0:
            told = (answer["stderr"] or answer["stdout"]).strip()[-400:]
            raise AnsibleConnectionFailure(f"`fleet_stress {words.split()[0]}` exited {answer['rc']}: {told}")
        return str(answer["stdout"])

    def _tell(self, host: str, entry: dict[str, Any]) -> None:
        if entry["what"] == "operator":
            self._say(host, f"{entry['scenario']} asks you to: {entry['asked']}", "bright yellow")
        if entry["what"] != "scenario_ended":
            return
        verdict = entry["verdict"]
        reason = f": {entry['reasons'][0]}" if entry["reasons"] and verdict != "passed" else ""
        line = f"{verdict:<13} {entry['row']:<5} {entry['scenario']} ({entry['seconds']:.1f} s){reason}"
        self._say(host, line, COLOURS.get(verdict, "red"))

    def _say(self, host: str, sentence: str, colour: str | None = None) -> None:
        # A host's words may hold what a terminal would obey.
        self._display.display(f"  {host}: {plain(sentence)}", color=colour)
