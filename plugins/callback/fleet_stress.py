"""What ``ansible-playbook`` shows of this project. Documented below, and by ``ansible-doc -t callback``."""

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_stress
type: stdout
short_description: Progress of stress runs, one line a host, and quiet otherwise
version_added: "0.1.0"
description:
  - On a terminal, a picture at its foot says of each host how many rows have their verdict, which, what step it is
    at, and about how long it will take. It never takes more than one screen, and is gone when the play is over.
  - Elsewhere, and with O(progress=lines), a line is printed for each verdict.
  - Of other tasks it shows what they changed (on a terminal, how many of a role), and why they failed. C(-v) shows all,
    as P(ansible.builtin.default#callback) does.
  - Ctrl-C ends the watching. The runs on the hosts go on, and the last lines say how to end them.
  - When nobody reads its output any more (C(| head -3)), it is dropped, and the play is followed to its end.
requirements:
  - set as stdout callback in C(ansible.cfg), as this project's does
options:
  progress:
    description: How runs are followed.
    type: str
    choices:
      auto: A picture on a terminal, lines elsewhere.
      lines: A line for each verdict.
    default: auto
    env:
      - name: FLEET_STRESS_PROGRESS
    ini:
      - section: callback_fleet_stress
        key: progress
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""

import atexit
import importlib.util
import os
import sys
from collections import Counter
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.release import __version__ as ansible_version

# Nothing of ours is read before this file: whatever came next would be a traceback.
if importlib.util.find_spec("fleet_controller") is None or not ansible_version.startswith("2.19."):
    raise AnsibleError(
        "another Ansible than the project's\n"
        f"   where: {sys.executable}, ansible-core {ansible_version}\n"
        "   why:   ansible-core 2.19 and what our plugins need are in the project's own environment\n"
        "   do:    make stress, or in this folder: make controller && . .venv/bin/activate"
    )

from fleet_controller.ansible.typed_command import inventories
from fleet_controller.messages.changed_tasks import changed_lines
from fleet_controller.messages.dropped_output import drop_what_nobody_takes
from fleet_controller.messages.failed_task import failure_lines
from fleet_controller.messages.interrupted import interrupted
from fleet_controller.messages.text import number_of
from fleet_controller.runs.live_screen import Screen

#: The task that follows a host's run.
_FOLLOWS = "stress_plan"
#: A run whose verdicts nobody asks for ends with success, whatever they are.
_NO_REPORT = "no verdict counts without a report: --tags report writes it, and fails unless everything passed"
#: Tasks of ours say themselves what they did, and these have the last word.
_SPEAKING = "stress_"
_LAST_WORD = frozenset(
    f"stress_{item}" for item in ("report", "found", "compare", "judge", "merge", "hold", "list", "runs")
)


class CallbackModule(Default):
    """Ansible's own callback with less to say, and a picture."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "fleet_stress"

    def __init__(self) -> None:
        super().__init__()
        self._screen: Screen | None = None
        self._followed: set[str] = set()
        self._spoken = self._failed = self._ran = False
        self._changed: dict[str, dict[str, None]] = {}

    def v2_playbook_on_start(self, playbook: Any) -> None:
        drop_what_nobody_takes()
        super().v2_playbook_on_start(playbook)
        if not self._verbose() and self.get_option("progress") == "auto" and _is_terminal():
            self._screen = Screen(self._display._lock, sys.stdout)
        atexit.register(self._at_exit, os.getpid())

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._clear()
        if self._verbose():
            super().v2_playbook_on_play_start(play)
        else:
            self._play = play

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        super().v2_runner_on_start(host, task)
        name = host.get_name()
        if task.action == _FOLLOWS and not task.check_mode:
            self._followed.add(name)
            self._ran = True
        self._spoken |= task.action in _LAST_WORD
        if self._screen is not None:
            self._screen.begins(name, _short(task))

    def v2_runner_on_ok(self, result: Any) -> None:
        self._ended(result)
        if self._verbose():
            super().v2_runner_on_ok(result)
            return
        self._handle_warnings(result.result)
        if result.result.get("changed") and not result.task.action.startswith(_SPEAKING):
            self._tell_change(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._ended(result)
        super().v2_runner_on_skipped(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._ended(result, failed=not ignore_errors)
        if self._verbose():
            super().v2_runner_on_failed(result, ignore_errors)
            return
        self._handle_warnings(result.result)
        self._tell_failure(result, "failed", ignored=ignore_errors)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._ended(result, failed=True)
        if self._verbose():
            super().v2_runner_on_unreachable(result)
        else:
            self._tell_failure(result, "cannot be reached", ignored=bool(result.task.ignore_unreachable))

    def v2_runner_item_on_ok(self, result: Any) -> None:
        if self._verbose():
            super().v2_runner_item_on_ok(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        if self._verbose():  # else the whole loop's failure tells of all items
            super().v2_runner_item_on_failed(result)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        if self._verbose():
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        if self._verbose():
            super().v2_playbook_on_no_hosts_remaining()

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._clear()
        if self._verbose():
            super().v2_playbook_on_stats(stats)
        elif not self._spoken and not self._failed:
            self._display.display(_summary(stats))
            if self._ran:
                self._display.display(_NO_REPORT)

    def _print_task_banner(self, task: Any) -> None:
        """The headline over a diff."""
        if self._verbose():
            super()._print_task_banner(task)
        else:
            self._display.display(f"{_short(task)}:")
            self._last_task_banner = task._uuid

    def _verbose(self) -> bool:
        return int(self._display.verbosity) > 0

    def _ended(self, result: Any, *, failed: bool = False) -> None:
        name = result.host.get_name()
        if result.task.action == _FOLLOWS:
            self._followed.discard(name)
        if self._screen is not None:
            self._screen.ends(name, failed=failed)

    def _tell_change(self, result: Any) -> None:
        """At once; of many hosts on a terminal, all of them together when the play is over."""
        if self._screen is None:
            self._display.display(
                f"{self.host_label(result)}: changed: {_short(result.task)}", C.COLOR_CHANGED
            )
        else:
            hosts = self._changed.setdefault(_short(result.task), {})
            hosts[self.host_label(result)] = None

    def _tell_failure(self, result: Any, how: str, *, ignored: bool) -> None:
        self._failed |= not ignored
        lines = failure_lines(self._dump_results(result.result, serialize=False))
        task = result.task
        if task.action not in _LAST_WORD:
            # What is done once for all hosts is no single one's failure.
            who = "" if task.run_once else f"{self.host_label(result)}: "
            lines = [f"{who}{how}: {_short(task)}", *(f"   {line}" for line in lines)]
        self._display.display("\n".join(lines), C.COLOR_SKIP if ignored else C.COLOR_ERROR)

    def _clear(self) -> None:
        if self._screen is not None:
            self._screen.clear()
        for line in changed_lines(self._changed):
            self._display.display(line, C.COLOR_CHANGED)
        self._changed.clear()

    def _at_exit(self, pid: int) -> None:
        """Whoever leaves in mid-run hears what goes on without them. Workers are not asked."""
        if os.getpid() != pid:
            return
        if self._screen is not None:
            self._screen.close()
        if self._followed:
            self._display.display(
                interrupted(sorted(self._followed), inventories()), C.COLOR_WARN, stderr=True
            )


def _is_terminal() -> bool:
    return sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _short(task: Any) -> str:
    """A task's name, behind its role's."""
    return str(task.get_name()).strip().replace(" : ", ": ")


def _summary(stats: Any) -> str:
    """The last line, where no task of ours has had the last word."""
    total: Counter[str] = Counter()
    for host in stats.processed:
        found = stats.summarize(host)
        total.update(name for name in ("changed", "failures", "unreachable") if found[name])
    failure_lines = [f"changed on {total['changed']}" if total["changed"] else "nothing changed"]
    failure_lines += [f"failed on {total['failures']}"] if total["failures"] else []
    failure_lines += [f"{total['unreachable']} could not be reached"] if total["unreachable"] else []
    return f"{number_of(len(stats.processed), 'host')}: {', '.join(failure_lines)}"
