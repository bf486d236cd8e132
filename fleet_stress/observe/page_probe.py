"""Requests one of the bot's web pages by the test client of its application, in the bot's environment.

The bot's interpreter runs a few lines of ours (``-c``): nothing is put into the bot's copy. The answer is stored as it
is; checks judge it.
"""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.store import bounded_read
from fleet_stress.system import process

#: Characters of an answer's body that are stored.
BODY_LIMIT = 4000
#: Bytes that are read at each end of what the bot's Python has printed meanwhile.
_READ = 4_000_000

_PROGRAM = """
import importlib, json, sys
module, factory, path = sys.argv[1:]
sys.path.insert(0, "")
answer = {"status": None, "body": "", "error": None}
try:
    client = getattr(importlib.import_module(module), factory)().test_client()
    response = client.get(path)
    answer["status"] = int(response.status_code)
    answer["body"] = bytes(response.data).decode(errors="replace")[:100000]
except BaseException as problem:
    answer["error"] = f"{type(problem).__name__}: {problem}"
print("\\n" + json.dumps(answer))
"""


def ask(
    web: Mapping[str, Any],
    path: str,
    *,
    python: str,
    user: process.User,
    folder: Path,
    environment: Mapping[str, str],
    output: Path,
    within: float,
) -> dict[str, Any]:
    """Request ``path``; returns ``status`` (null: none), ``body``, ``error`` and the interpreter's ``exit``, ``pid``.

    Args:
        web: ``web`` of the bot profile, with the ``factory`` as MODULE:FUNCTION.
        path: The page's path.
        python: The bot's interpreter.
        user: Runs it.
        folder: The bot's copy.
        environment: The bot's environment.
        output: File for its other output.
        within: Seconds; after that it is ended, and ``error`` says so.
    """
    module, factory = web["factory"].split(":")
    argv: Sequence[str] = [python, "-c", _PROGRAM, module, factory, path]
    with output.open("wb") as stream:
        started = process.start(
            argv, user=user, folder=folder, environment=environment, stdout=stream, stderr=stream
        )
        try:
            code = started.wait(within)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
            return {
                "status": None,
                "body": "",
                "error": f"no answer within {within:g} s",
                "exit": None,
                "pid": started.pid,
            }
    answer = {"status": None, "body": "", "error": f"ended with exit code {code} before it answered"}
    printed, _ = bounded_read.two_ends(output, _READ)
    for line in printed.decode(errors="replace").splitlines():
        with contextlib.suppress(ValueError):
            document = bounded_read.from_json(line)
            if isinstance(document, dict) and document.keys() == answer.keys():
                answer = document
    status, error = answer["status"], answer["error"]
    return {
        "status": status if isinstance(status, int) else None,
        "body": str(answer["body"])[:BODY_LIMIT],
        "error": None if error is None else str(error)[:BODY_LIMIT],
        "exit": code,
        "pid": started.pid,
    }
