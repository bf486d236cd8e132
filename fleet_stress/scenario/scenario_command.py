"""A scenario's own command in its arena: as the bot's user, in the bot's folder, environment and namespaces.

It is the scenario's means, not the bot: one that does not end as it should is the scenario's `error`.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from fleet_stress.store.exit_words import split_exit
from fleet_stress.store.plan_steps import all_steps
from fleet_stress.system import process

#: Of what it says so many bytes are kept; the rest is counted.
OUTPUT_LIMIT = 1_000_000
#: The name of the environment variable by which a command's processes are told from the bot's.
VARIABLE = "FLEET_STRESS_COMMAND"
#: So much is read at once, and so often between two looks: whoever never stops talking must not hold us.
_PIECE, _PIECES = 65536, 32
#: Seconds between two looks at its descendants.
_LOOK = 0.2


def in_steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The arguments of all commands in some steps of a plan, however deep they stand."""
    return (step["args"] for step in all_steps(steps) if step["verb"] == "command")


def forbidden(plan: Mapping[str, Any]) -> str | None:
    """Why a plan must not be run here: a command in it that nobody allowed. None: it may."""
    if plan.get("allow_commands") is True:
        return None
    for scenario in plan["scenarios"]:
        for one in in_steps(scenario["steps"]):
            told = " ".join(map(str, one["argv"]))[:200]
            return (
                f"scenario {scenario['id']} runs a command ({told}), and the plan does not say allow_commands"
            )
    return None


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
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        deadline = time.monotonic() + within
        with self._output.open("wb") as kept, os.fdopen(reading, "rb", buffering=0) as said:
            try:
                begun = process.start(
                    self.entry["argv"],
                    user=user,
                    folder=folder,
                    environment={**environment, VARIABLE: self._mark},
                    stdout=writing,
                    stderr=writing,
                )
            finally:
                os.close(writing)
            try:
                started(begun)
                while begun.poll() is None:
                    self._remember(begun)
                    self._listen(said, kept)
                    if time.monotonic() >= deadline:
                        self.entry["ended"] = "deadline"
                        break
                    tick()
            finally:
                self._end(begun)
                self._listen(said, kept)

    def _remember(self, begun: subprocess.Popen[bytes]) -> None:
        """Its descendants, while they still hang together. Now and then: it is a look at all processes."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _LOOK
            for one in process.descendants(begun.pid):
                self._family.setdefault(one.pid, one)

    def _end(self, begun: subprocess.Popen[bytes]) -> None:
        """End it and whatever it has left, and look. Dead children are collected when the arena is over."""
        ended = begun.poll() is not None
        deadline = time.monotonic() + process.GONE_WITHIN
        while (left := self._left(begun)) and time.monotonic() < deadline:
            if ended:
                self.entry["left"] = max(self.entry["left"], len(left))
            process.end_all(left)
        self.entry["exit"] = split_exit(begun.wait())

    def _left(self, begun: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """What was seen below it, what is of its session, what carries its mark."""
        found = {**self._family, **{one.pid: one for one in process.marked(self._mark, VARIABLE)}}
        for one in process.descendants():
            if one.pid == begun.pid or _session(one.pid) == begun.pid:
                found[one.pid] = one
        return [one for one in found.values() if process.alive(one)]

    def _listen(self, said: BinaryIO, kept: BinaryIO) -> None:
        """Take what it has said until now, that it is not held up by us; keep no more than the limit."""
        for _ in range(_PIECES):
            data = said.read(_PIECE) or b""
            kept.write(data[: max(0, OUTPUT_LIMIT - self.entry["output_bytes"])])
            self.entry["output_bytes"] += len(data)
            if not data:
                return


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None
