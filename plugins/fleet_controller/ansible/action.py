"""What our action plugins have in common: whatever goes wrong, the task fails with a message that helps.

Lies here and not in ``plugins/action/``, where Ansible takes every file for a plugin.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from fleet_controller.ansible import strangers
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import Problems, UserError, listed, refuse_unknown
from fleet_controller.messages.text import NUL, WITHOUT_NUL, has_nul, in_one_line, plain
from fleet_controller.messages.unreachable import LOST, could_not_be_reached

strangers.beware()


class Action(ActionBase):
    """A plugin writes ``answer``, and raises UserError for what a person can put right."""

    TRANSFERS_FILES = False

    #: Its name in tasks.
    name: ClassVar[str]
    #: Arguments that it knows; None: it does not look.
    known: ClassVar[tuple[str, ...] | None] = None
    #: Arguments that it cannot do without.
    needed: ClassVar[tuple[str, ...]] = ()
    #: What an OSError means here.
    os_error: ClassVar[str] = "a file of the controller cannot be used"
    #: Whether a host was reached before it is lost.
    reached: ClassVar[bool] = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The answer; or a failed result whose ``msg`` says what is wrong, where, why, and what to do."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        given = task_vars or {}
        try:
            if self.known is not None:
                refuse_unknown(self._task.args, self.known, self.name)
            for word in self.needed:
                if self._task.args.get(word) is None:
                    why, do = "the task cannot do without", f"write `{word}:` there; ansible-doc {self.name}"
                    raise UserError(f"`{word}` is missing", self.name, why, do)
            self._refuse_nul()
            return {**result, **self.answer(given)}
        except AnsibleConnectionFailure as problem:
            # Never as Ansible's "unreachable": that would run no rescue, and leave a hole in the results.
            host = str(given.get("inventory_hostname"))
            message = could_not_be_reached(host, plain(problem), any_more=self.reached)
            return {**result, "failed": True, LOST: True, "msg": message}
        except AnsibleError:
            raise  # it says itself what is wrong: no password to become root, for example
        except Exception as problem:  # a traceback helps nobody who typed a wrong word
            self._display.vvv(plain(traceback.format_exc(), 20_000))
            return {**result, "failed": True, "msg": f"{self.before()}{self.in_words(problem)}"}

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """The task's result. Raises UserError, OSError, AnsibleError."""
        raise NotImplementedError

    def _refuse_nul(self) -> None:
        """Of words and lists only: what hosts have said comes in mappings, and may hold anything. Raises UserError."""
        problems = Problems()
        for word, value in self._task.args.items():
            if not _is(value) and has_nul(value):
                what = f"`{plain(word, 100)}` is `{in_one_line(plain(value, 100), 100)}`"
                problems.add(what, self.name, NUL, WITHOUT_NUL)
        problems.raise_any()

    def truth(self, word: str, default: bool = False) -> bool:
        """An argument that is yes or no. Raises UserError."""
        value = self._task.args.get(word)
        try:
            return bool(boolean(default if value is None else value))
        except TypeError as problem:
            what = f"`{word}` is `{plain(value, 100)}`"
            raise UserError(what, self.name, "it has to be true or false", f"write {word}: true") from problem

    def text(self, word: str) -> str:
        """An argument that is text. Raises UserError."""
        value = self._task.args.get(word)
        if not isinstance(value, str) or not value:
            raise self.misfit(word, "text")
        return value

    @staticmethod
    def hosts_of_play(task_vars: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The variables of all hosts of the play, also of those that failed."""
        variables = task_vars.get("hostvars", {})
        return [variables[name] for name in task_vars.get("ansible_play_hosts_all", ())]

    def of_hosts(self, word: str, *keys: str) -> list[dict[str, Any]]:
        """An argument with a mapping for each host, by its name or in a list, with these keys. Raises UserError."""
        value = self._task.args.get(word)
        found = [{"name": name, **_mapping(item)} for name, item in value.items()] if _is(value) else value
        if not isinstance(found, list) or not all(
            _is(item) and {"name", *keys} <= set(item) for item in found
        ):
            raise self.misfit(word, f"a mapping for each host, with {listed(keys)}")
        return [dict(item) for item in found]

    def results_dir(self, project: Project) -> Path:
        """The folder of all results: as the argument ``results_dir`` says, or the project's own. Raises UserError."""
        asked = self._task.args.get("results_dir")
        try:
            return project.of_caller(str(asked or project.root / "results"))
        except (RuntimeError, ValueError) as problem:
            what = f"`{in_one_line(plain(asked, 200), 200)}` is no folder"
            raise UserError(what, "stress_results_dir", plain(problem, 200), "give a whole path") from problem

    def misfit(self, word: str, belongs: str) -> UserError:
        """What is told of an argument that is something else than what belongs there."""
        what = f"`{word}` is `{in_one_line(plain(self._task.args.get(word), 100), 100)}`"
        return UserError(what, self.name, f"it has to be {belongs}", f"correct it; ansible-doc {self.name}")

    def before(self) -> str:
        """What a failure's message begins with: lines that say what was not done."""
        return ""

    def in_words(self, problem: Exception) -> UserError:
        """An error as a person is told it."""
        if isinstance(problem, UserError):
            return problem
        if isinstance(problem, OSError):
            where, why = str(problem.filename or self.name), problem.strerror or str(problem)
            do = "make room or give rights there, then give the same command again"
            return UserError(self.os_error, plain(where, 300), plain(why, 300), do)
        why = plain(f"{type(problem).__name__}: {problem}", 600)
        return UserError(
            "a mistake of fleet-stress", self.name, why, "please report it, with what -vvv shows"
        )


def _is(value: Any) -> bool:
    return isinstance(value, Mapping)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if _is(value) else {}
