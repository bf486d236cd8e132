"""A scenario's own command in its arena: as the bot's user, in the bot's folder, environment and namespaces.

It belongs to the scenario, not to the bot: a command that does not end as it should gives the verdict `error`.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import psutil

from fleet_stress.observe import bot_files
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.store.exit_words import exit_words, split_exit
from fleet_stress.store.plan_steps import all_steps
from fleet_stress.system import process

if TYPE_CHECKING:
    from fleet_stress.scenario.arena import Arena

#: How much of its output is kept; the rest is only counted. Bytes.
OUTPUT_LIMIT = 1_000_000
#: The environment variable that marks a command's processes, to tell them from the bot's.
VARIABLE = "FLEET_STRESS_COMMAND"
#: Bytes per read, and reads between two looks: a command that never stops printing must not keep us.
_PIECE, _PIECES = 65536, 32
#: Seconds between two looks at its descendants.
_LOOK = 0.2


def in_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The arguments of all commands in some steps of a plan, nested ones included."""
    return (step["args"] for step in all_steps(steps) if step["verb"] == "command")


def forbidden(plan: Mapping[str, Any]) -> str | None:
    """Why a plan must not be run here: a command in it that is not allowed. None: it may be run."""
    if plan.get("allow_commands") is True:
        return None
    for scenario in plan["scenarios"]:
        for arguments in in_steps(scenario["steps"]):
            words = " ".join(map(str, arguments["argv"]))[:200]
            return f"scenario {scenario['id']} runs a command ({words}), and the plan does not say allow_commands"
    return None


def run_step(arena: Arena, arguments: Mapping[str, Any], tick: Callable[[], None]) -> None:
    """Run the step ``command``. Raises ArenaFailed where it does not end as expected: the bot is not to blame."""
    if not arena.allow_commands:
        raise ArenaFailed(
            "the scenario runs a command, and the plan does not say allow_commands: -e allow_commands=true"
        )
    commands = arena.evidence.document["commands"]
    name = f"command-{len(commands) + 1:02d}"
    argv = [bot_files.fill(word, arena.places) for word in arguments["argv"]]
    command = Command(argv, f"{arena.mark}/{name}", arena.evidence.folder / f"{name}.out")
    entry = command.entry
    commands.append(entry)
    entry.update(n=len(commands), at=arena.evidence.now())
    shown = f"{name} ({' '.join(argv)[:100]})"
    try:
        command.run(
            user=arena.user,
            folder=arena.folder / "bot",
            environment=arena.environment.of_bot({}),
            within=float(arguments["within"]),
            tick=tick,
            started=arena.beside,
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise ArenaFailed(
            f"{shown} cannot be started: {problem}; correct its argv in the scenario"
        ) from problem
    finally:
        entry["seconds"] = round(arena.evidence.now() - entry["at"], 4)
    if entry["ended"] != "itself":
        raise ArenaFailed(f"{shown} did not end within {arguments['within']:g} s; give it a longer `within`")
    if entry["exit"]["code"] != arguments["exit_code"]:
        ended = f"{exit_words(entry['exit'])}, where exit code {arguments['exit_code']} was expected"
        raise ArenaFailed(f"{shown} ended with {ended}; see {name}.out")


class Command:
    """One command, from its start to the end of its last process. ``entry`` goes into the evidence."""

    def __init__(self, argv: Sequence[str], mark: str, output: Path) -> None:
        self.entry: dict[str, Any] = {
            "argv": list(argv),
            "exit": None,
            "ended": "itself",
            "output": output.name,
            "output_bytes": 0,
            "left": 0,
        }
        self._mark, self._output = mark, output
        self._open = contextlib.ExitStack()
        self._family: dict[int, psutil.Process] = {}
        self._next_look = 0.0

    def run(
        self,
        *,
        user: process.User,
        folder: Path,
        environment: Mapping[str, str],
        within: float,
        tick: Callable[[], None],
        started: Callable[[subprocess.Popen[bytes]], None],
    ) -> None:
        """Run it to its end, at the latest ``within`` seconds; then none of its processes lives.

        ``tick`` is called again and again meanwhile, ``started`` once. Raises OSError where it cannot be started,
        and what ``tick`` raises, having ended it.
        """
        started(self.begin(user=user, folder=folder, environment=environment, within=within))
        try:
            while self.runs():
                tick()
        finally:
            self.finish()

    def begin(
        self, *, user: process.User, folder: Path, environment: Mapping[str, str], within: float
    ) -> subprocess.Popen[bytes]:
        """Start it. Then ``runs`` is called again and again, and ``finish`` whatever happens. Raises OSError."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._deadline = time.monotonic() + within
        self._printed = self._open.enter_context(os.fdopen(reading, "rb", buffering=0))
        self._kept = self._open.enter_context(self._output.open("wb"))
        try:
            self._begun = process.start(
                self.entry["argv"],
                user=user,
                folder=folder,
                environment={**environment, VARIABLE: self._mark},
                stdout=writing,
                stderr=writing,
            )
        except BaseException:
            self._open.close()
            raise
        finally:
            os.close(writing)
        return self._begun

    def runs(self) -> bool:
        """Whether it runs, and may; reads what it has printed."""
        if self._begun.poll() is not None:
            return False
        self._remember(self._begun)
        self._keep(self._printed, self._kept)
        if time.monotonic() >= self._deadline:
            self.entry["ended"] = "deadline"
            return False
        return True

    def finish(self) -> None:
        """End it and what it has left."""
        with self._open:
            self._end(self._begun)
            self._keep(self._printed, self._kept)

    def _remember(self, begun: subprocess.Popen[bytes]) -> None:
        """Remember its descendants while they can be traced. Only now and then: it looks at all processes."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK
            for member in process.descendants(begun.pid):
                self._family.setdefault(member.pid, member)

    def _end(self, begun: subprocess.Popen[bytes]) -> None:
        """End it and what it has left, and check. Dead children are collected when the arena is over."""
        ended = begun.poll() is not None
        deadline = time.monotonic() + process.GONE_WITHIN
        while (left := self._left(begun)) and time.monotonic() < deadline:
            if ended:
                self.entry["left"] = max(self.entry["left"], len(left))
            process.end_all(left)
        self.entry["exit"] = split_exit(begun.wait())

    def _left(self, begun: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """What was seen below it, what is in its session, what carries its mark."""
        found = {**self._family, **{member.pid: member for member in process.marked(self._mark, VARIABLE)}}
        for child in process.descendants():
            if child.pid == begun.pid or _session(child.pid) == begun.pid:
                found[child.pid] = child
        return [member for member in found.values() if process.alive(member)]

    def _keep(self, printed: BinaryIO, kept: BinaryIO) -> None:
        """Read what it has printed so far, so that it does not wait for us; keep no more than the limit."""
        for _ in range(_PIECES):
            data = printed.read(_PIECE) or b""
            kept.write(data[: max(0, OUTPUT_LIMIT - self.entry["output_bytes"])])
            self.entry["output_bytes"] += len(data)
            if not data:
                return


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
