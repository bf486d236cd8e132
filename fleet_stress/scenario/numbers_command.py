"""The numbers in a file that only the bot's own code can read (a pickle): a command of the profile says them.

It runs as the bots' user on a copy of the file, in the bot's folder and without what faults add to its environment; its
time and its output are limited, and none of its processes outlives it. What it prints last is one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleet_stress.observe import bot_files
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.scenario.scenario_command import OUTPUT_LIMIT, Command
from fleet_stress.store import bounded_read
from fleet_stress.store.bare_python import no_links
from fleet_stress.store.exit_words import exit_words

if TYPE_CHECKING:
    from fleet_stress.scenario.arena import Arena

#: Seconds that it may take; seconds between two looks whether it is over.
_WITHIN, _PAUSE = 10.0, 0.002
#: So many outputs are kept at most, of those that went wrong; never are so many asked at once.
_OUTPUTS = 20
#: Characters that are kept of its last words.
_SHOWN = 200


class NumbersCommand:
    """Asks for the numbers in files of one arena."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self._asked = 0

    def ask(self, tracked: bot_files.Tracked, data: bytes) -> Question:
        """Begin to ask for the numbers in ``data``. Raises ArenaFailed where the command cannot be started."""
        arena = self._arena
        self._asked += 1
        name = f"numbers-{tracked.role}"
        copy = arena.folder / "fault" / f"{name}-{self._asked}"
        # Of its own: a file and its backup are asked for at the same time.
        output = arena.evidence.folder / f"{name}-{self._asked % _OUTPUTS}.out"
        copy.write_bytes(data)
        copy.chmod(0o644)
        places = {**arena.places, "file": str(copy)}
        argv = [bot_files.fill(word, places) for word in tracked.command]
        command = Command(argv, f"{arena.mark}/{name}-{self._asked}", output)
        try:
            begun = command.begin(
                user=arena.user,
                folder=arena.folder / "bot",
                environment=arena.environment.without_faults({}),
                within=_WITHIN,
            )
        except (OSError, subprocess.SubprocessError) as problem:
            raise ArenaFailed(
                f"the command for the numbers in {tracked.key} cannot be started: {problem}; correct its `numbers`"
                " in the profile"
            ) from problem
        arena.beside(begun)
        return Question(arena, command, begun, copy)


class Question:
    """A command that was started, and what it says."""

    def __init__(self, arena: Arena, command: Command, begun: subprocess.Popen[bytes], copy: Path) -> None:
        self._arena, self._command, self._begun, self._copy = arena, command, begun, copy
        self._output = arena.evidence.folder / command.entry["output"]
        self._over = False
        self._said: bytes | None = None

    def over(self) -> bool:
        """Whether it has ended; to be called again and again until it has."""
        if not self._over and not self._command.runs():
            self._finish()
        return self._over

    def answer(self) -> bytes | None:
        """Wait for it: a JSON object of the numbers, or why there are none; None: that took too long."""
        while not self.over():
            time.sleep(_PAUSE)
        return self._said

    def _finish(self) -> None:
        self._over = True
        self._command.finish()
        self._arena.no_longer_beside(self._begun)
        no_links.unlink(self._copy)
        if self._command.entry["ended"] == "itself":
            printed = bounded_read.two_ends(self._output, OUTPUT_LIMIT)[0]
            self._said = _answer(self._command.entry["exit"], printed.decode(errors="replace"))
        if bot_files.json_verdict(self._said) == "valid":
            no_links.unlink(self._output)  # what it said is in the look; evidence keeps what went wrong


def _answer(ended: dict[str, Any], printed: str) -> bytes:
    """The last line, where it is an object and the command ended well; its numbers alone."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    last = lines[-1] if lines else ""
    if ended["code"] == 0:
        try:
            document = bounded_read.from_json(last)
        except ValueError:
            document = None
        if isinstance(document, dict):
            return json.dumps({name: value for name, value in document.items() if _is_number(value)}).encode()
    return f"its numbers command ended with {exit_words(ended)}: {last[:_SHOWN]}".encode()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
