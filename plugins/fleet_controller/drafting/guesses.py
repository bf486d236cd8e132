"""The bot profile that a watched start is run with: what its folder suggests, still unconfirmed."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.drafting import texts_in_source
from fleet_controller.drafting import words_in_source as source
from fleet_controller.drafting.bot_folder import BotFolder
from fleet_controller.messages.errors import UserError, listed

#: Names of programs that start a bot, the likeliest first.
_PROGRAMS = [
    "main.py",
    "bot.py",
    "run.py",
    "app.py",
    "start.py",
    "main.js",
    "index.js",
    "bot.js",
    "run.sh",
    "start.sh",
]
_INTERPRETERS = {
    ".py": "${python}",
    ".sh": "sh",
    ".js": "node",
    ".mjs": "node",
    ".cjs": "node",
    ".pl": "perl",
    ".rb": "ruby",
}
#: Where nobody answers: port 9 of an arena's own loopback.
_DEAD, _DEAD_PORT = "127.0.0.1:9", "9"
#: What is tried where its source names nothing of the kind.
_USUAL = {"scan_interval": "SCAN_INTERVAL", "max_cycles": "MAX_CYCLES"}
#: The role of a file that never exists: a profile has to name one.
NOTHING = "nothing"
#: Matches no line: a profile has to say how cycles are counted.
NO_LINE = "(?!)"


class Guess(NamedTuple):
    """``profile`` is the provisional one. ``settings``: the words of the settings that its source names.

    ``placeholders``: variables that were given something only so that the bot may start. ``unset``: those that it seems
    to need, and nobody knows with what.
    """

    profile: dict[str, Any]
    settings: Mapping[str, source.Word]
    placeholders: Sequence[source.Word]
    unset: Sequence[source.Word]
    hosts: Sequence[str]
    takes_state_folder: bool
    write_failures: Sequence[str] = ()
    #: Words that lead it to its exchange, whether or not it starts without them.
    addresses: Sequence[source.Word] = ()
    #: Name, size in bytes and number of backups of a log that its source rotates.
    rotated_log: tuple[str, int, int] | None = None


def guess(
    folder: BotFolder, name: str, start: str = "", given: Mapping[str, str] | None = None, besides: str = ""
) -> Guess:
    """From a look at the bot's folder.

    ``start``: the command line that starts it, if the operator says so; ``given``: variables with their values;
    ``besides``: the command line of another program in the folder, which is not the bot.
    Raises UserError: nobody knows how the bot is started.
    """
    argv = argv_of(start, "--start") if start.strip() else _found(folder, besides.split())
    program = next((word for word in argv if word in folder.texts), "")
    words = source.variables(folder.texts) + source.options(folder.texts.get(program, ""))
    words = [word for word in words if word.name not in (given or {})]
    environment, arguments, placeholders, unset = _values(words)
    environment |= dict(given or {})
    settings = {
        setting: best
        for setting, meaning in (("scan_interval", source.INTERVAL), ("max_cycles", source.CYCLES))
        if (best := _best(words, meaning)) is not None
    }
    requirements = [name for name in ("requirements.txt",) if name in folder.names]
    profile = {
        "name": name,
        "title": f"{name}, as `fleet-stress init` found it",
        "source": str(folder.path),
        **({"requirements": {"files": requirements}} if requirements else {}),
        "argv": [*argv, *arguments],
        "environment": environment,
        "network": "own",
        "settings": {word: _setting(word, settings.get(word)) for word in _USUAL},
        "cycle": {"file": "stdout", "line": NO_LINE},
        "state": {
            NOTHING: {
                "path": "fleet-stress.nothing",
                "format": "bytes",
                "required": False,
                "rewritten": "never",
            }
        },
    }
    takes = any("${state_dir}" in str(value) for value in (*environment.values(), *arguments))
    failures = texts_in_source.write_failures(folder.texts)
    addresses = [word for word in words if word.meaning in (source.ADDRESS, source.URL)]
    hosts = texts_in_source.hosts(folder.texts)
    log = texts_in_source.rotated_log(folder.texts)
    return Guess(profile, settings, placeholders, unset, hosts, takes, failures, addresses, log)


def in_state_folder(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The same bot, started in its state folder, for one that writes where it is started."""
    argv = [
        f"${{bot_dir}}/{word}"
        if Path(word).suffix in _INTERPRETERS and not word.startswith(("/", "$"))
        else word
        for word in profile["argv"]
    ]
    return {**profile, "argv": argv, "working_folder": "${state_dir}"}


def in_whole_seconds(profile: Mapping[str, Any]) -> dict[str, Any]:
    """The same bot, for one that takes no half of a second."""
    interval = {**profile["settings"]["scan_interval"], "type": "integer"}
    return {**profile, "settings": {**profile["settings"], "scan_interval": interval}}


def argv_of(command: str, option: str) -> list[str]:
    """The words of a command line that an option brought, Python's program as a placeholder. Raises UserError."""
    try:
        words = shlex.split(command)
    except ValueError as problem:
        why, do = str(problem), "quote it as for a shell"
        raise UserError(f"`{command}` is no command line", option, why, do) from None
    if not words:
        raise UserError(f"`{command}` is no command line", option, "it is empty", "name a program")
    if re.fullmatch(r"(.*/)?python[\d.]*", words[0]):
        return ["${python}", *words[1:]]
    interpreter = _INTERPRETERS.get(Path(words[0]).suffix)
    return [interpreter, *words] if interpreter else words


def _found(folder: BotFolder, not_it: Sequence[str]) -> list[str]:
    top = [name for name in folder.names if "/" not in name and name not in not_it]
    programs = [name for name in _PROGRAMS if name in top]
    alone = [name for name in top if name.endswith((".py", ".js", ".mjs", ".cjs", ".pl", ".rb"))]
    if not programs and len(alone) != 1:
        raise UserError(
            f"nobody knows how the bot in {folder.path} is started",
            "--start",
            f"there is none of {listed(_PROGRAMS)}",
            "say it: fleet-stress init FOLDER --start 'python trade.py'",
        )
    program = (programs or alone)[0]
    return [_INTERPRETERS[Path(program).suffix], program]


def _values(
    words: Sequence[source.Word],
) -> tuple[dict[str, str], list[str], list[source.Word], list[source.Word]]:
    """Variables, arguments; which of them are placeholders; and what is required and unknown."""
    environment: dict[str, str] = {}
    arguments: list[str] = []
    placeholders, unset = [], []
    for word in words:
        value, invented = _value(word)
        if value is None:
            if word.required and word.meaning == source.UNKNOWN:
                unset.append(word)
            continue
        if word.name.startswith("--"):
            arguments += [word.name, value]
        else:
            environment[word.name] = value
        if invented:
            placeholders.append(word)
    return environment, arguments, placeholders, unset


def _value(word: source.Word) -> tuple[str | None, bool]:
    """What it is given, if anything; and whether that is only a placeholder."""
    base = Path(word.default or "").name
    base = base if re.fullmatch(r"[\w.+-]+", base) else f"{word.name.strip('-').lower()}.json"
    places = {
        source.STATE_DIR: "${state_dir}",
        source.STATE_FILE: f"${{state_dir}}/{base}",
        source.LOG_DIR: "${log_dir}",
        source.LOG_FILE: f"${{log_dir}}/{'bot.log' if base.endswith('.json') else base}",
        source.PYTHON: "${python}",
    }
    if word.meaning in places:
        return places[word.meaning], False
    dead = {
        source.ADDRESS: _DEAD,
        source.URL: f"http://{_DEAD}",
        source.PORT: _DEAD_PORT,
        source.SECRET: "placeholder",
    }
    return (dead.get(word.meaning), True) if word.required else (None, False)


def _best(words: Sequence[source.Word], meaning: str) -> source.Word | None:
    meant = [word for word in words if word.meaning == meaning]
    return min(meant, key=lambda word: word.rank(meaning), default=None)


def _setting(word: str, found: source.Word | None) -> dict[str, Any]:
    """How a setting is carried."""
    name = found.name if found else _USUAL[word]
    how: dict[str, Any] = {"arguments": [name, "${value}"]} if name.startswith("--") else {"variable": name}
    if word == "max_cycles":
        how["type"] = "integer"
    elif found and found.in_milliseconds:
        how["unit"] = "ms"
    return how
