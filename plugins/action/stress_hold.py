"""``stress_hold``: hold one fault open on a host for as long as somebody watches. Documented in ``library/``."""

from __future__ import annotations

import json
import os
import secrets
import signal
import time
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from fleet_controller.ansible.action import Action
from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.engine_command import engine_command
from fleet_controller.hosts.hold_request import Hold, hold
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.text import in_one_line, plain

#: The host takes the fault away when it has heard nothing for so long; it hears from us so often. Seconds.
LEASE, RENEW = 20.0, 4.0
#: A person is told how long is left so often. Seconds.
TELL = 60.0
#: What the host says of its lease and what we know of it differ by the time that an answer takes. Seconds.
_NEARLY = 1.0
_WORDS = ("fault", "for", "on", "against", "how", "size", "owner", "bot")


class _LetGo(Exception):
    """The host does not hold it any more, and says why."""


class _Ended(BaseException):
    """The controller is ending: Ctrl-C, or it was killed."""


class ActionModule(Action):
    """Makes the fault stand with a short lease, renews that while it lives, and takes the fault away."""

    name = "stress_hold"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Hold; the task's result says how long the fault stood."""
        host, asked = str(task_vars.get("inventory_hostname")), self._task.args
        try:
            wanted = hold({name: asked.get(name) for name in _WORDS}, Project())
        except UserError as problem:
            return {"failed": True, "msg": f"Nothing was held, and no host was touched.\n{problem}"}
        if self.truth("check_only"):
            return {"changed": False, "fault": wanted.module, "seconds": wanted.seconds}
        return self._hold(host, wanted, task_vars)

    def _hold(self, host: str, wanted: Hold, known: dict[str, Any]) -> dict[str, Any]:
        parent, began = os.getppid(), time.monotonic()
        #: Somebody else may hold the same fault, once the host has let go of ours.
        self._holder = secrets.token_hex(8)
        # Ansible's own handlers end a worker at once, and it would take nothing away.
        _on_signals(_end)
        gone, ended = "", "its time is over"
        try:
            made = self._module(wanted, known, "present")
            if made.get("failed") or self._task.check_mode:
                return made
            if not made.get("changed"):
                do = "wait, or end it: ansible-playbook playbooks/recover.yml -e recover=force"
                told = f"{wanted.name} is held on {host} already, by somebody else; {do}"
                return {"failed": True, "msg": told}
            began = time.monotonic()
            self._say(
                host,
                f"{wanted.name} stands for {_shown(wanted.seconds)}; it ends by itself {LEASE:g} s after us",
            )
            gone = self._watch(host, wanted, began, parent)
        except _Ended:
            ended = "it was broken off here"
        _on_signals(signal.SIG_IGN)  # what comes now is taking it away
        taken = self._module(wanted, known, "absent")  # also when it is gone: this looks
        if taken.get("failed"):
            return taken
        stood = round(time.monotonic() - began, 1)
        self._say(host, f"{wanted.name} is away after {_shown(stood)}: {gone or ended}")
        if gone:
            return {"failed": True, "changed": True, "msg": f"{host}: {gone}", "seconds": stood}
        return {"changed": True, "seconds": stood, "fault": wanted.module}

    def _watch(self, host: str, wanted: Hold, began: float, parent: int) -> str:
        """Renew until its time is over; returns why the host has let go before, if so. Raises _Ended."""
        end, told, lost = began + wanted.seconds, began, False
        heard, until = began, began + min(LEASE, wanted.seconds)
        while time.monotonic() < end:
            _pause(min(time.monotonic() + RENEW, end), parent)
            # A lease that reaches to the stated end is not renewed any more, and the host keeps to it by itself.
            if until >= end - _NEARLY and not lost:
                continue
            try:
                left = self._renew(wanted)
            except AnsibleError:  # no answer, or not in time
                if time.monotonic() > until and not lost:
                    lost = True
                    self._say(
                        host,
                        f"has not answered for {time.monotonic() - heard:.0f} s: it has let go by itself by now",
                    )
                continue
            except _LetGo as problem:
                silent = time.monotonic() - heard
                why = (
                    f"having heard nothing for {silent:.0f} s"
                    if silent > LEASE - RENEW
                    else "somebody ended it"
                )
                return f"the host let go, {why} ({plain(problem)})"
            heard, lost = time.monotonic(), False
            until = heard + left
            if left < LEASE - _NEARLY:
                until = end
            if heard - told > TELL:
                told = heard
                self._say(host, f"{wanted.name} stands, {_shown(end - told)} are left")
        silent = time.monotonic() - heard
        return f"the host let go by itself, having heard nothing for {silent:.0f} s" if lost else ""

    def _renew(self, wanted: Hold) -> float:
        """One cheap way to the host; seconds of its lease. Raises AnsibleError without an answer, and _LetGo."""
        asked = self._task.args
        words = [
            "renew",
            "--stress-dir",
            asked["stress_dir"],
            "--name",
            wanted.name,
            "--holder",
            self._holder,
        ]
        command = engine_command(asked["engine_python"], *words, "--seconds", f"{LEASE:g}")
        self.answer_seconds = LEASE  # who answers later has let go
        try:
            answer = self._low_level_execute_command(command, sudoable=True)
        finally:
            del self.answer_seconds
        if answer["rc"] == 0:
            try:
                return min(LEASE, float(json.loads(answer["stdout"].strip().splitlines()[-1])["left"]))
            except (ValueError, TypeError, LookupError, RecursionError) as problem:
                raise AnsibleConnectionFailure("an answer that is none") from problem
        # A traceback says nothing about what is held: it is asked again, and the lease ends meanwhile.
        if answer["rc"] == 1 and "Traceback" not in answer["stderr"] + answer["stdout"]:
            raise _LetGo(in_one_line(plain(answer["stdout"] or answer["stderr"]), 300))
        raise AnsibleConnectionFailure(f"exit code {answer['rc']}")

    def _module(self, wanted: Hold, known: dict[str, Any], state: str) -> dict[str, Any]:
        asked = self._task.args
        arguments = {**wanted.arguments, "stress_dir": asked["stress_dir"], "state": state}
        arguments["holder"] = self._holder
        if wanted.bots_user:
            arguments["user"] = asked["user"]
        if state == "present":
            arguments.update(lease=LEASE, latest=wanted.seconds)
        return dict(self._execute_module(wanted.module, module_args=arguments, task_vars=known))

    def _say(self, host: str, sentence: str) -> None:
        self._display.display(f"  {host}: {in_one_line(plain(sentence), 400)}")


def _on_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _end(_number: int, _frame: object) -> None:
    _on_signals(signal.SIG_IGN)
    raise _Ended


def _pause(until: float, parent: int) -> None:
    """Wait, and see whether whoever started us is still there. Raises _Ended."""
    while (left := until - time.monotonic()) > 0:
        time.sleep(min(0.5, left))
        if os.getppid() != parent:  # ansible-playbook was killed, and nobody watches any more
            raise _Ended


def _shown(seconds: float) -> str:
    """``90`` → ``1 min 30 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes and rest else f"{minutes} min" if minutes else f"{rest} s"
