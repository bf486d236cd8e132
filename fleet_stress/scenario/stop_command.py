"""Asks a bot to stop that is not stopped by a signal: by a command of its own, or by an HTTP request.

The profile says which (``stopped_by``). It takes the place of SIGTERM, as ExecStop= does in systemd.service(5). It runs
as the bot's user, beside the bot; an HTTP request is a command as well, so that nobody else reads the bot's answer.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.store.exit_words import split_exit
from fleet_stress.system import process

#: Sends one request, without a proxy; a bot may well end before it has answered.
_REQUEST = """
import http.client, sys, urllib.error, urllib.request
method, url = sys.argv[1:]
asked = urllib.request.Request(url, method=method, data=b"" if method in ("POST", "PUT") else None)
try:
    answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked)
    print(answer.status, answer.read(1000))
except urllib.error.HTTPError as problem:
    sys.exit(f"it answered {problem.code}")
except (http.client.HTTPException, ConnectionResetError) as problem:
    print(f"no answer: {problem!r}")
except OSError as problem:
    sys.exit(f"it cannot be asked: {problem}")
"""
#: Once the bot is gone, the command has so long to end. Seconds.
_ENDS_WITHIN = 5.0


class StopCommand:
    """One request to stop; ``entry`` goes into the evidence."""

    def __init__(
        self, arena: Arena, stopped_by: Mapping[str, Any], settings: Mapping[str, Any], name: str
    ) -> None:
        """Begin it. Raises ArenaFailed: the command cannot be started."""
        argv = _command(stopped_by, str(arena.places["python"]))
        try:
            self._started = arena.launch_command(argv, settings, name)
        except OSError as problem:
            raise ArenaFailed(
                f"the command that stops the bot cannot be started: {' '.join(argv)[:100]}: {problem};"
                " correct stopped_by in its profile"
            ) from problem
        self.entry: dict[str, Any] = {"argv": argv, "output": name, "exit": None}

    def over(self) -> None:
        """The bot has ended, so the command has to."""
        try:
            self.entry["exit"] = split_exit(self._started.wait(_ENDS_WITHIN))
        except subprocess.TimeoutExpired:
            process.end_all(process.handles_of([self._started.pid]).values())
            self._started.wait()


def _command(stopped_by: Mapping[str, Any], python: str) -> Sequence[str]:
    """The command line of a profile's ``stopped_by``."""
    if "command" in stopped_by:
        return list(stopped_by["command"])
    request = stopped_by["request"]
    return [python, "-I", "-c", _REQUEST, request.get("method", "POST"), request["url"]]
