"""The Python-level stand-in for the faulty file system: for bots that run on Python, where there is no FUSE.

It works in the bot's own processes, from their next start on; what it cannot see is in the evidence.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fleet_stress.faults.protocol import UndoNeeded, Unsupported
from fleet_stress.faults.site import Site, Where
from fleet_stress.faulty_fs.mount import Order
from fleet_stress.faulty_fs.shim import EFFECTS, PythonShim
from fleet_stress.system import process, short_answer

NAME = "python"
_TRY_WITHIN = 60.0
#: Options of Python that take a word of their own, and those that keep it from sitecustomize (python(1)).
_WITH_A_WORD, _ISOLATING = ("X", "W"), frozenset("IES")
#: How its reasons begin: those of the file system itself come before them.
_WHOSE = "its stand-in"
#: Makes a file of the name that it is told.
_PROGRAM = "import sys; open(sys.argv[1], 'w').close()"


def supported(where: Where, rules: Sequence[Mapping[str, Any]]) -> Unsupported | None:
    """Tried with the bot's own Python, as the bot's user; first, whether it runs on Python at all, by its command."""
    beyond = sorted({name for rule in rules for name in _beyond(rule)})
    if beyond:
        said = ", ".join(f"`{effect}`" for effect in beyond)
        return Unsupported(f"{_WHOSE} in Python has no {said}", "FUSE on Linux")
    cannot = _no_python(where.bot)
    if cannot:
        return Unsupported(
            f"{_WHOSE} is for bots that run on Python, and {cannot.reason}",
            cannot.enable,
        )
    failed = _tried(where)
    if failed is None:
        return None
    return Unsupported(
        f"{_WHOSE} does not work in the bot's Python ({failed})",
        "a bot's Python of 3.8 or newer that heeds PYTHONPATH",
    )


def undo(site: Site, place: str, source: str) -> tuple[UndoNeeded, ...]:
    """Nothing: its files lie in the arena and go with it, and the environment is in memory."""
    del site, place, source
    return ()


def able(site: Site) -> bool:
    """Whether the bot is one that it could stand in for."""
    return _no_python(site.bot) is None


def put(site: Site, order: Order, place: str) -> PythonShim:
    """Let the bot's next Python find it. Raises OSError, also for a rule that it could not follow."""
    del place
    beyond = [name for rule in order.rules for name in _beyond(rule)]
    if beyond:
        raise OSError(f"the stand-in for a faulty file system has no {beyond[0]}")
    return PythonShim(order, site.next_start.environment)


def _beyond(rule: Mapping[str, Any]) -> set[str]:
    return set(rule) - {"on", "path", "at", "from", "seed", *EFFECTS}


def _no_python(bot: Mapping[str, Any]) -> Unsupported | None:
    """Why a bot's command is not that of a Python that finds us, or None."""
    program, *words = bot["argv"]
    if program != "${python}" and not re.fullmatch(r"python[0-9.]*", Path(program).name):
        return Unsupported(
            f"the command of this one begins with {program}",
            '`argv: ["${python}", …]` in the bot profile, if it does run on Python',
        )
    options = iter(words)
    for word in options:
        if not word.startswith("-") or word in ("-", "-c", "-m"):
            break
        if word[1:2] in _WITH_A_WORD:
            if len(word) == len("-X"):
                next(options, None)
        elif not word.startswith("--") and not _ISOLATING.isdisjoint(word):
            return Unsupported(
                f"this one is told not to look outside ({word})", "a Python without -I, -E and -S"
            )
    return None


def _tried(where: Where) -> str | None:
    """One real start of the bot's Python with it: None when it was met, else what was said.

    Where the Python is not there yet (a host is asked what it can do before it has a bot), there is nothing to try.
    """
    program = where.bot["argv"][0].replace("${python}", str(where.bot.get("python") or ""))
    python = program if program and os.access(program, os.X_OK) else shutil.which(program)
    if python is None:
        return None
    user = process.user_named(where.bot["user"]) if "user" in where.bot else None
    uid = os.getuid() if user is None else user.uid
    base = where.stress_dir if where.stress_dir.is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as scratch:
        folder = Path(scratch, "tried")
        folder.mkdir()
        Path(scratch).chmod(0o755)
        if os.geteuid() == 0:
            os.chown(folder, uid, -1)
        rules = [{"on": ["create"], "errno": "EIO"}]
        order = Order(folder, "", rules, uid, Path(scratch), Path(scratch), "try", "try")
        environment = {"PATH": os.defpath, "HOME": scratch}
        stands = PythonShim(order, environment)
        said = _run([python, "-c", _PROGRAM, str(folder / "file")], user, folder, environment)
        return stands.died() or (None if stands.figures().hits else said or "it was not met")


def _run(argv: list[str], user: process.User | None, folder: Path, environment: Mapping[str, str]) -> str:
    me = process.User("", os.getuid(), os.getgid())
    try:
        started = process.start(
            argv,
            user=user or me,
            folder=folder,
            environment=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
    except OSError as problem:
        return str(problem)
    said = short_answer.of(started, _TRY_WITHIN)
    if said is None:
        return "it did not answer in time"
    lines = said[1].decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:300] if lines else ""
