"""``stress_plan``, the controller's part: compile, hand over, follow, fetch. Documented in ``library/``."""

from __future__ import annotations

import json
import os
import shlex
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from fleet_controller.ansible.action import Action
from fleet_controller.hosts.engine_command import engine_command
from fleet_controller.messages.operator import operator
from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.planning.compile_plan import compile_plan
from fleet_controller.report.check_mode import rehearsed
from fleet_controller.runs import live_folder, poll, progress_channel
from fleet_controller.runs.fetch import PART_BYTES, bring, part_in, verdicts_in
from fleet_controller.runs.live_page import LivePage
from fleet_controller.runs.patience import Endless, Patience
from fleet_controller.runs.progress import Progress
from fleet_controller.runs.run_folder import make_latest
from fleet_controller.runs.wait_for_host import until_free, wait_seconds
from fleet_controller.untrusted.unpack import Hostile, NoRoom

#: One long poll waits so many seconds on the host for news.
POLL_SECONDS = 20
#: Where a picture is drawn, a host tells of its steps so often at most; many hosts tell of them more rarely.
STEPS_SECONDS, STEPS_SECONDS_EACH = 1.0, 0.1
RETRY_SECONDS = 2
#: An archive that takes longer is not waited for: the largest at half a megabit a second. Seconds.
FETCH_SECONDS = 1_800
#: A host says no more of one thing in a terminal, in characters.
LINE_LIMIT = 1_000
ENGINE_TRIES = 5
#: Stands in the plan of a rehearsal for what only provisioning knows.
NOT_YET = "-"
_AS_ASKED = (
    *("run_id", "bot", "profile", "scenarios", "facts", "stress_dir", "user"),
    "results_dir",
)
_LIMITS = ("floors", "lease", "bots_at_once", "evidence")
#: What a hand-over answers, and so many sentences about damaged runs are shown.
_HANDED = {"run_dir": str, "run_id": str, "attached": bool, "started": bool}
_DAMAGED = 10
_Answer = TypeVar("_Answer")
COLOURS = {"passed": "green", "skipped": "cyan", "not_exercised": "yellow"}


def _draw(folder: Path) -> None:
    """Draw the live page of a run, if there is something to draw."""
    if live_folder.needed(folder):
        # Each worker would read all that belongs to a page, and most of them never draw one.
        from fleet_controller.report.page.live import draw

        draw(folder)


class EngineFailed(AnsibleError):
    """The host answered, and its engine did not do what it was asked for."""


class ActionModule(Action):
    """Runs one host's plan to its end, from the controller's side."""

    name = "stress_plan"
    #: A part of an archive is the longest answer, as base64; a slow line has half as long as a host is waited for.
    answer_characters = 2 * PART_BYTES
    answer_seconds = 150.0

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Compile, hand over, follow, fetch; the task's result says what the run found."""
        host = str(task_vars.get("inventory_hostname"))
        #: ansible-playbook itself; we are a worker of it.
        self._watcher = os.getppid()
        plan = self._plan(host)
        if self._task.check_mode:
            return {"changed": False, **rehearsed(plan, self._unable(plan))}
        #: Seconds without an answer, and seconds until the host has ended and undone by itself.
        self._silence = float(self._task.args.get("unreachable_within", 300))
        self._lease = float(plan["limits"]["lease"])
        self._progress = Progress(plan, len(task_vars.get("ansible_play_hosts") or [host]))
        run_folder = Path(self._task.args["results_dir"]) / str(self._task.args["run_id"])
        self._page = LivePage(run_folder, host, _draw)
        try:
            found = self._run(host, plan, task_vars)
            if found.get("failed"):
                self._page.fails(str(found.get("msg")))
            return found
        except EngineFailed as problem:
            self._page.fails(str(problem))
            return {"failed": True, "msg": f"{host}: {plain(problem)}"}
        except AnsibleConnectionFailure as problem:
            self._page.fails(f"lost: {problem}")
            raise
        finally:
            self._page.close()
            if self._page.problem is not None:
                self._display.vvv(f"{host}: the live page was not drawn: {plain(self._page.problem, 600)}")

    def _plan(self, host: str) -> dict[str, Any]:
        """The host's plan. Raises UserError."""
        asked = self._task.args
        plan = compile_plan(
            **{name: asked.get(name) for name in _AS_ASKED},
            limits={name: asked.get(name) for name in _LIMITS},
            copy=asked.get("bot_copy") or (NOT_YET if self._task.check_mode else ""),
            python=asked.get("bot_python") or (NOT_YET if self._task.check_mode else ""),
            source=asked.get("bot_source"),
            host=host,
            allow_commands=boolean(asked.get("allow_commands", False)),
            point=asked.get("point"),
            enforced=asked.get("power_cut") == "enforce",
            explain_memory=boolean(asked.get("explain_memory", False)),
            failed=asked.get("failed"),
        )
        # For whoever finds the host in use; two who ask for the same still ask for the same.
        fresh = not boolean(asked.get("resume", True))
        return {**plan, "by": operator(), "fresh": fresh}

    def _unable(self, plan: dict[str, Any]) -> dict[str, str]:
        """Asks an engine that is there already which scenarios the host could not run, and why; by name.

        None can be asked yet where none is: what is known is the plan's own ``skip``.
        """
        python = shlex.quote(self._task.args["engine_python"])
        words = f"test ! -x {python} || {engine_command(self._task.args['engine_python'], 'unable')}"
        answer = self._low_level_execute_command(words, sudoable=True, in_data=json.dumps(plan).encode())
        try:
            found = json.loads(str(answer["stdout"]).strip() or "{}")
            return {str(name): f"{item['reason']}: {item['enable']}" for name, item in found.items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}

    def _run(self, host: str, plan: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
        """From the hand-over to the results. Raises AnsibleConnectionFailure where the host is lost."""
        resumed = False
        while True:
            handed = self._hand_over(plan, known)
            if handed.get("failed"):
                return handed
            what = "resumed" if resumed else "attached to" if handed["attached"] else "started"
            if progress_channel.listened():
                progress_channel.tell(self._progress.state())
            else:
                self._say(host, f"{what} run {handed['run_id']}")
            damaged = handed.get("damaged")
            for sentence in damaged[:_DAMAGED] if isinstance(damaged, list) else ():
                self._say(host, str(sentence), "yellow")
            died = self._follow(host, handed["run_dir"])
            if died is None:
                break
            if resumed:
                return {"failed": True, "msg": plain(died)}
            # The same plan again goes on where the journal ends: what was judged is not run again.
            self._say(host, "its supervisor died; the plan is handed over once more", "yellow")
            resumed = True
        about = {name: handed[name] for name in ("run_dir", "run_id", "attached", "started")}
        patience = Patience(FETCH_SECONDS)
        fetched = self._patiently(lambda: self._fetch(host, handed["run_dir"], patience))
        return {**about, "changed": True, **fetched}

    def _hand_over(self, plan: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
        """Once, however often it takes to get there: the same plan attaches to what an earlier try started."""
        module = partial(self._execute_module, "stress_plan", module_args={"plan": plan}, task_vars=known)
        handed = until_free(
            lambda: self._patiently(lambda: dict(module())),
            wait_seconds(self._task.args.get("wait")),
            lambda sentence: self._say(plan["host"], sentence, "yellow"),
            hosts=len(known.get("ansible_play_hosts") or ()),
        )
        for name, kind in () if handed.get("failed") else _HANDED.items():
            if not isinstance(handed.get(name), kind):
                raise EngineFailed(f"it answered what no engine of ours would: a hand-over without `{name}`")
        return handed

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        """Asks again while the host does not answer, for a while. Raises AnsibleConnectionFailure.

        An engine that fails is asked again too, but not for long: what it cannot do it can rarely do later.
        Raises EngineFailed.
        """
        patience = self._silence
        silent_since, failures = time.monotonic(), 0
        while True:
            if os.getppid() != self._watcher:
                # ansible-playbook was killed: the run goes on, and the same command attaches to it. We would only
                # be in its way.
                raise AnsibleError("ansible-playbook is gone, and nobody watches any more")
            try:
                return ask()
            except AnsibleConnectionFailure as problem:
                if time.monotonic() - silent_since > patience:
                    raise AnsibleConnectionFailure(
                        f"for {patience:g} s it has not answered ({problem}). Its run goes on there: the same"
                        " command attaches to it again."
                    ) from problem
            except EngineFailed:
                failures += 1
                if failures >= ENGINE_TRIES:
                    raise
            time.sleep(RETRY_SECONDS)

    def _follow(self, host: str, run_dir: str) -> str | None:
        """Watch until the run has ended: None; or why its supervisor did not bring it to its end.

        Raises AnsibleConnectionFailure where the host is lost.
        """
        offset, deaths = 0, 0
        gathered = max(STEPS_SECONDS, STEPS_SECONDS_EACH * self._progress.state().hosts)
        steps = ["--steps", f"{min(gathered, POLL_SECONDS):g}"] if progress_channel.listened() else []
        patience = Patience(self._lease + self._silence)
        while True:
            self._wait(patience)
            words = ["follow", run_dir, "--offset", str(offset), "--wait", str(POLL_SECONDS), *steps]
            found = self._patiently(partial(self._poll, words, offset))
            offset = found.offset
            for entry in found.news:
                if self._progress.heard(entry):
                    self._tell(host, entry)
            self._page.heard(self._progress.rows())
            if found.news and progress_channel.listened():
                progress_channel.tell(self._progress.state())
            if found.ended:
                return None
            if not found.alive:
                # Between giving the lock free and the result there is nothing: look twice to be sure.
                deaths += 1
                if deaths > 1:
                    return (
                        f"{host}: the supervisor of {run_dir} died before the end; its journal and"
                        " supervisor.log say how far it came. The same command resumes the run"
                    )

    def _wait(self, patience: Patience) -> None:
        """Until it may be asked again. Raises AnsibleConnectionFailure."""
        try:
            patience.wait()
        except Endless:
            raise AnsibleConnectionFailure(
                f"for {patience.seconds:g} s it has answered that its run goes on, and that has to have ended by"
                f" itself {self._silence:g} s ago"
            ) from None

    def _fetch(self, host: str, run_dir: str, patience: Patience) -> dict[str, Any]:
        """Bring the run's archive into the results folder, and count its verdicts."""

        def ask(offset: int) -> Mapping[str, Any]:
            patience.wait()
            return part_in(
                self._engine_text("part", run_dir, "--offset", str(offset), "--most", str(PART_BYTES))
            )

        try:
            results_dir, run_id = Path(self._task.args["results_dir"]), self._task.args["run_id"]
            target = bring(ask, results_dir / run_id, host)
            make_latest(results_dir, run_id)
            counts = verdicts_in(target)
        except Hostile as problem:
            return {"failed": True, "msg": f"{host}: its archive was refused: {plain(problem)}"}
        except Endless:
            return {
                "failed": True,
                "msg": f"{host}: its archive was refused: it took longer than {FETCH_SECONDS} s",
            }
        except NoRoom as problem:
            output = "its result stays on the host, and the same command fetches it"
            return {"failed": True, "msg": f"{host}: not fetched: {problem}; {output}"}
        self._engine_text("collected", run_dir)
        return {"counts": counts}

    def _poll(self, words: list[str], offset: int) -> poll.Poll:
        try:
            return poll.read(self._engine_text(*words), offset)
        except Hostile as problem:
            raise EngineFailed(f"it answered what no engine of ours would: {plain(problem)}") from problem

    def _engine_text(self, *words: str) -> str:
        """Run one command of the engine on the host; no module, no file, one round trip."""
        command = engine_command(self._task.args["engine_python"], *words)
        try:
            answer = self._low_level_execute_command(command, sudoable=True)
        except AnsibleActionFail as problem:  # an answer that is none
            raise EngineFailed(str(problem)) from problem
        if answer["rc"] != 0:
            output = (answer["stderr"] or answer["stdout"]).strip()[-400:]
            raise EngineFailed(f"`fleet_stress {words[0]}` exited {answer['rc']}: {output}")
        return str(answer["stdout"])

    def _tell(self, host: str, entry: dict[str, Any]) -> None:
        if entry["what"] == "operator":
            self._say(host, f"{entry['scenario']} asks you to: {entry['asked']}", "bright yellow")
        if entry["what"] != "scenario_ended" or progress_channel.listened():
            return
        verdict = entry["verdict"]
        reason = f": {entry['reasons'][0]}" if entry["reasons"] and verdict != "passed" else ""
        line = f"{verdict:<13} {entry['row']:<5} {entry['scenario']} ({entry['seconds']:.1f} s){reason}"
        self._say(host, line, COLOURS.get(verdict, "red"))

    def _say(self, host: str, sentence: str, colour: str | None = None) -> None:
        # A host's words may hold what a terminal would obey.
        line = in_one_line(plain(sentence), LINE_LIMIT)
        self._display.display(f"  {host}: {line}", color=colour)
