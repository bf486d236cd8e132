"""Which environment variables and options a program knows, and what each is for, by what its source looks like.

Patterns, not a parser: a stranger's source can bring one down, and bots are written in many languages. All that comes
out are guesses, which a watched start confirms or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

#: A text, a number, or a call whose last argument is a text (`path.join(__dirname, "data")`); other code is no value.
_VALUE = r"""(?P<default>"[^"\n]*"|'[^'\n]*'|[-+]?\.?\d[\w.+-]*|None\b|[\w.]+\([^()\n]*(?:"[^"\n]*"|'[^'\n]*')\s*\))"""
_DEFAULT = rf"(?:\s*,\s*{_VALUE})?"
_NAME = r"""\(\s*["'](?P<name>[A-Za-z_]\w*)["']"""
#: Python; the same without a default; JavaScript; Go and Rust; Perl.
_VARIABLES = (
    re.compile(rf"(?:environ\.get|getenv|env\.get|ENV\.fetch){_NAME}{_DEFAULT}"),
    re.compile(r"""(?P<must>environ|ENV)\[\s*["'](?P<name>[A-Za-z_]\w*)["']\s*\](?!\s*=[^=])"""),
    re.compile(rf"process\.env\.(?P<name>[A-Za-z_]\w*)(?:\s*(?:\|\||\?\?)\s*{_VALUE})?"),
    re.compile(rf"(?:Getenv|LookupEnv|env::var){_NAME}"),
    re.compile(
        rf"""\$ENV\{{\s*["']?(?P<name>[A-Za-z_]\w*)["']?\s*\}}(?!\s*=[^=~])(?:\s*(?:\|\||//)\s*{_VALUE})?"""
    ),
)
_IN_SHELL = re.compile(r"\$\{?(?P<name>[A-Z][A-Z0-9_]{2,})(?::?[-=](?P<default>[^}\n]*))?\}?")
_OPTION = re.compile(
    r"""(?:add_argument|option|flag)\(\s*(?:["']-\w["']\s*,\s*)?["'](?P<name>--[\w-]+)["']"""
    r"(?P<rest>(?:(?!add_argument|option\(|flag\().){0,300})",
    re.DOTALL,
)
_OPTION_DEFAULT = re.compile(rf"default\s*=\s*{_VALUE}")
_FLAG = re.compile(r"""store_true|store_false|is_flag""")

#: By meaning, the words of a name that speak for it, the surest first.
_INTERVAL = [
    "interval",
    "every",
    "period",
    "poll",
    "polling",
    "sleep",
    "delay",
    "pace",
    "cadence",
    "frequency",
    "scan",
    "tick",
]
_CYCLES = ["cycles", "iterations", "iters", "iteration", "rounds", "loops", "ticks", "runs", "steps", "turns"]
_FOLDER = ["dir", "directory", "folder", "path", "root", "location"]
_FILE = ["file", "filename", "json", "sqlite", "db", "database"]
_STATE = [
    "state",
    "data",
    "storage",
    "store",
    "db",
    "database",
    "checkpoint",
    "checkpoints",
    "ledger",
    "persist",
    "work",
    "var",
]
_LOG = ["log", "logs", "logging"]
_NOT_STATE = [
    "config",
    "conf",
    "settings",
    "source",
    "src",
    "bin",
    "static",
    "template",
    "templates",
    "cert",
    "certs",
    "key",
    "keys",
    "python",
]
_ADDRESS = ["url", "uri", "host", "exchange", "endpoint", "api", "server", "address", "broker", "gateway"]
_SECRET = ["key", "secret", "token", "password", "passphrase", "pass", "pwd", "credential", "credentials"]
_MILLISECONDS = ["ms", "millis", "milliseconds", "msec"]

INTERVAL, CYCLES, STATE_DIR, STATE_FILE, LOG_DIR, LOG_FILE = [
    "interval",
    "cycles",
    "state_dir",
    "state_file",
    "log_dir",
    "log_file",
]
PYTHON, ADDRESS, URL, PORT, SECRET, UNKNOWN = ["python", "address", "url", "port", "secret", "unknown"]


class Word(NamedTuple):
    """A variable, or an option that begins with ``--``. ``required``: without it the bot does not seem to start."""

    name: str
    default: str | None
    required: bool

    @property
    def parts(self) -> list[str]:
        """The words of its name."""
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", self.name)
        return [part for part in re.split(r"[_\-]+", spaced.lower()) if part]

    @property
    def in_milliseconds(self) -> bool:
        """Whether its name says so."""
        return any(part in _MILLISECONDS for part in self.parts)

    @property
    def meaning(self) -> str:
        """What it seems to be for."""
        parts, default = set(self.parts), self.default or ""
        suffix = re.search(r"\.\w{2,7}$", default)
        is_file = bool(suffix or parts & {"file", "filename", "sqlite"})
        if parts == {"python"}:
            return PYTHON
        if parts & {*_LOG} and (is_file or parts & {*_FOLDER} or parts <= {*_LOG}):
            return LOG_FILE if is_file else LOG_DIR
        if parts & {*_NOT_STATE} and parts & {*_FOLDER, *_FILE}:
            return UNKNOWN
        if is_file and (parts & {*_STATE, *_FILE, *_FOLDER}):
            return STATE_FILE
        if parts & {*_FOLDER} or parts <= {*_STATE}:
            return STATE_DIR
        return self._other(parts)

    def _other(self, parts: set[str]) -> str:
        for meaning, words in ((CYCLES, _CYCLES), (INTERVAL, _INTERVAL)):
            if parts & {*words} and (self.default is None or re.fullmatch(r"[\d_.]*s?|None", self.default)):
                return meaning
        if parts & {*_SECRET}:
            return SECRET
        if "port" in parts:
            return PORT
        if parts & {*_ADDRESS}:
            return URL if parts & {"url", "uri", "endpoint", "api"} else ADDRESS
        return UNKNOWN

    def rank(self, meaning: str) -> tuple[int, int]:
        """The smaller, the surer that this is *the* setting of a meaning."""
        words = _CYCLES if meaning == CYCLES else _INTERVAL
        found = [words.index(part) for part in self.parts if part in words]
        return min(found, default=len(words)), len(self.name)


def variables(texts: Mapping[str, str]) -> list[Word]:
    """Environment variables, each once; one that has a default somewhere is not required."""
    found: dict[str, Word] = {}
    for word in (word for name, text in texts.items() for word in _variables_of(name, text)):
        known = found.get(word.name)
        if known is None or (known.required and not word.required):
            found[word.name] = word
    return [word for word in found.values() if word.name not in _NOT_ITS_OWN]


#: Set by the arena, or by a shell itself.
_NOT_ITS_OWN = frozenset(
    [
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "PWD",
        "SHELL",
        "TMPDIR",
        "LC_ALL",
        "TZ",
        "PYTHONPATH",
        "HOSTNAME",
        "RANDOM",
        "IFS",
        "UID",
    ]
)


def _variables_of(name: str, text: str) -> Iterator[Word]:
    patterns: Iterable[re.Pattern[str]] = (_IN_SHELL,) if name.endswith(".sh") else _VARIABLES
    for pattern in patterns:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            required = groups.get("must") is not None or (
                pattern is _IN_SHELL and groups["default"] is None and groups["name"] == "PYTHON"
            )
            yield Word(groups["name"], _plain(groups.get("default")), required)


def options(text: str) -> list[Word]:
    """Options with a value that one program takes."""
    found = {}
    for match in _OPTION.finditer(text):
        if not _FLAG.search(match["rest"]):
            default = _OPTION_DEFAULT.search(match["rest"])
            required = re.search(r"required\s*=\s*True", match["rest"]) is not None
            found[match["name"]] = Word(match["name"], _plain(default and default["default"]), required)
    return list(found.values())


def _plain(text: str | None) -> str | None:
    if text is None or not text.endswith(")"):
        return None if text is None else text.strip("\"'")
    *_, last, _ = re.split(r"[\"']", text)
    return last
