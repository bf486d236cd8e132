"""Tries connections as the bot's user, in the arena's network, in bounded time."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from fleet_stress.store import bounded_read
from fleet_stress.store.layout import MARK_VARIABLE
from fleet_stress.system import process, short_answer

#: The result for a target that accepted the connection.
CONNECTED = "connected"
#: Deadline in seconds for an interpreter to start and end.
_INTERPRETER = 60.0
#: It tries all at once, so it takes as long as the slowest.
_PROGRAM = """
import json, socket, sys, threading
targets, within = json.loads(sys.argv[1])
results = {}
def connect(name, address, port):
    try:
        socket.create_connection((address, port), within).close()
        results[name] = "connected"
    except OSError as problem:
        results[name] = type(problem).__name__ + ": " + str(problem)
threads = [threading.Thread(target=connect, args=one) for one in targets]
for one in threads: one.start()
for one in threads: one.join()
print(json.dumps(results))
"""

#: An address and a port.
Target = tuple[str, int]


def name_of(target: Target) -> str:
    """``192.0.2.10:443``, ``[2001:db8::a]:443``."""
    address, port = target
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def connect(
    targets: Sequence[Target],
    *,
    within: float,
    python: str,
    user: process.User,
    folder: Path,
    mark: str,
) -> Mapping[str, str]:
    """The result of a connection to each target, by its name: CONNECTED or the error.

    Args:
        targets: The targets; each is tried once.
        within: Seconds for one connection; all are tried at once.
        python: The bot's interpreter.
        user: Who connects.
        folder: The program's working folder.
        mark: Is put into its environment, so that it is found if we die.
    """
    if not targets:
        return {}
    request = json.dumps([[[name_of(target), *target] for target in targets], within])
    environment = {"PATH": "/usr/bin:/bin", MARK_VARIABLE: mark}
    started = process.start(
        [python, "-I", "-S", "-c", _PROGRAM, request],
        user=user,
        folder=folder,
        environment=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said = short_answer.of(started, within + _INTERPRETER)
    if said is None:
        return dict.fromkeys(map(name_of, targets), "no answer in time")
    out, err = said
    try:
        results: Mapping[str, str] = bounded_read.from_json(out.decode(errors="replace"))
        if not isinstance(results, dict):
            raise ValueError("no answer")
    except ValueError:
        message = err.decode(errors="replace").strip().splitlines()[-1:] or [
            f"exit code {started.returncode}"
        ]
        return dict.fromkeys(map(name_of, targets), f"the look itself failed: {message[0][:200]}")
    return results
