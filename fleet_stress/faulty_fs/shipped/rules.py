"""What a rule is: which operations on which files, at which occurrence, and what happens to them.

Rules are data of a scenario. What no schema can check (``impossible``) is checked when the plan is made as well.
It also runs in a bot's own Python (``shipped``): Python 3.8, the standard library alone.
"""

from __future__ import annotations

import errno
import fnmatch
import random
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

#: Operations by what they do to the disk. ``open`` means open for writing. Lookups (stat, readdir) are left out: how
#: often the kernel asks is its own affair, and every network file system caches the answers.
METADATA = (
    "create",
    "open",
    "rename",
    "link",
    "symlink",
    "unlink",
    "mkdir",
    "rmdir",
    "truncate",
    "chmod",
    "chown",
    "utimens",
    "mknod",
)
DATA = ("read", "write", "fallocate")
SYNC = ("fsync", "fdatasync")
OPERATIONS = (*METADATA, *DATA, *SYNC)
_GROUPS = {"metadata": METADATA, "data": DATA, "sync": SYNC, "any": OPERATIONS}
ERRNOS = (
    "ENOSPC",
    "EIO",
    "EROFS",
    "EDQUOT",
    "EMFILE",
    "ENFILE",
    "EACCES",
    "EPERM",
    "EAGAIN",
    "ETIMEDOUT",
    "ESTALE",
)
#: What a power cut takes, and the kinds of file system (``durability.LIKE`` says what each promises).
FORGET = ("data", "entries", "both", "half")
LIKE = ("ext4", "apfs", "posix")
#: What a rule does to an operation that matches: exactly one of these.
EFFECTS = ("delay", "delay_between", "bytes_per_second", "errno", "short_write", "freeze", "kill")

_TIMES = {"at": "Only the k-th of them.", "from": "The k-th of them and all later ones."}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "x-noun": "key of a rule",
    "description": "What happens to some operations: to all that match, unless `at` or `from` is given.",
    "additionalProperties": False,
    "required": ["on"],
    "properties": {
        "on": {
            "type": "array",
            "minItems": 1,
            "description": "Operations, or groups of them: metadata, data, sync, any.",
            "items": {"enum": [*_GROUPS, *OPERATIONS]},
        },
        "path": {
            "type": "string",
            "minLength": 1,
            "description": "A pattern for the file's path in the folder (`*.tmp`); any by default.",
        },
        **{name: {"type": "integer", "minimum": 1, "description": about} for name, about in _TIMES.items()},
        "delay": {"type": "number", "minimum": 0, "unit": "s", "description": "The delay of each."},
        "delay_between": {
            "type": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": {"type": "number", "minimum": 0},
            "description": "A random delay of each between these two seconds, drawn with `seed`.",
        },
        "seed": {"type": "integer", "description": "The seed of `delay_between`; 1 by default."},
        "bytes_per_second": {
            "type": "integer",
            "minimum": 1,
            "description": "The bandwidth that all of them share.",
        },
        "errno": {"enum": list(ERRNOS), "description": "Each fails with this error, without effect."},
        "half": {
            "enum": [True],
            "description": (
                "With `errno`, on `write`: a disk that becomes full in the middle. The first half of the k-th write is"
                " written and reported, and the next write fails."
            ),
        },
        "short_write": {
            "type": "integer",
            "minimum": 1,
            "description": "The most bytes that each write accepts.",
        },
        "freeze": {
            "type": "number",
            "minimum": 0,
            "unit": "s",
            "description": "All operations wait this long from then on.",
        },
        "kill": {
            "enum": ["before", "half", "after"],
            "description": (
                "The process is killed (SIGKILL) before or after the operation, or in the middle of a write: with its"
                " first half written."
            ),
        },
        "forget": {
            "enum": list(FORGET),
            "description": (
                "With `kill`: a power cut. Once the bot is gone, what was not durable is lost: of files (`data`), of"
                " names, sizes and modes (`entries`), of both, or of files the second half of what was added (`half`)."
            ),
        },
        "like": {
            "enum": list(LIKE),
            "description": "The kind of file system; ext4 by default (docs/power-cut.md).",
        },
    },
}


#: What happens to an operation that is named elsewhere: a rule without ``on``, ``path`` and the ordinal (``_TIMES``).
ANSWER: dict[str, Any] = {
    "type": "object",
    "x-noun": "answer",
    "description": "What the disk does at the operation: one effect of a rule.",
    "additionalProperties": False,
    "minProperties": 1,
    "properties": {
        name: about for name, about in SCHEMA["properties"].items() if name not in ("on", "path", *_TIMES)
    },
}


def impossible(rules: Sequence[Mapping[str, Any]]) -> str | None:
    """What is wrong with rules that the schema accepts, as a sentence; None: nothing."""
    like = next((rule["like"] for rule in rules if "like" in rule), None)
    for number, rule in enumerate(rules, start=1):
        effects = [name for name in EFFECTS if name in rule]
        wrong = None
        if len(effects) != 1:
            given = ", ".join(effects) or "none"
            wrong = f"does exactly one of {', '.join(EFFECTS)}, and this one says: {given}"
        elif "at" in rule and "from" in rule:
            wrong = "means the k-th (`at`) or the k-th and all after it (`from`), not both"
        elif effects[0] in ("kill", "freeze") and "at" not in rule:
            wrong = f"that says `{effects[0]}` does it once: say at which operation (`at: 3`)"
        elif effects[0] == "bytes_per_second" and ("at" in rule or "from" in rule):
            wrong = "that says `bytes_per_second` is for all operations, not for the k-th"
        elif effects[0] == "delay_between" and rule["delay_between"][0] > rule["delay_between"][1]:
            wrong = "draws its delay between a smaller and a larger number"
        elif effects[0] == "short_write" and "write" not in _operations(rule["on"]):
            wrong = "that says `short_write` is about `write`"
        elif rule.get("kill") == "half" and "write" not in _operations(rule["on"]):
            wrong = "that says `kill: half` is about `write`: nothing else has a middle"
        elif "half" in rule and (effects[0] != "errno" or "write" not in _operations(rule["on"])):
            wrong = "that says `half` is about `write` and says with which `errno` its second half fails"
        elif "half" in rule and "at" not in rule:
            wrong = "that says `half` does it once: say at which operation (`at: 3`)"
        elif effects[0] == "bytes_per_second" and not set(DATA) & set(_operations(rule["on"])):
            wrong = "that says `bytes_per_second` is about data: read, write"
        elif "forget" in rule and effects[0] != "kill":
            wrong = "that says `forget` says `kill` as well: the power is cut, and nothing goes on"
        elif rule.get("like", like) != like:
            wrong = f"forgets `like` {rule['like']}, and another one `like` {like}: there is one file system"
        elif "like" in rule and "forget" not in rule:
            wrong = "says `like` which file system it forgets: it has no `forget`"
        elif "seed" in rule and effects[0] != "delay_between":
            wrong = "has a `seed` for `delay_between` alone"
        if wrong:
            return f"rule {number}: a rule {wrong}"
    return None


def _operations(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for word in words for name in _GROUPS.get(word, (word,))))


class Outcome(NamedTuple):
    """What happens to one operation: first its waits, then the rest."""

    rules: tuple[int, ...] = ()
    #: Each rule that delays it: its number, and until when (``time.monotonic``).
    until: tuple[tuple[int, float], ...] = ()
    errno: int = 0
    most: int | None = None
    kill: str | None = None
    forget: str | None = None
    freeze: float = 0.0


class _Rule:
    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data
        self.operations = frozenset(_operations(data["on"]))
        self.pattern = data.get("path", "*")
        self.seen = 0
        self.free_at = 0.0
        self._random = random.Random(data.get("seed", 1))
        self._drawn = 0

    def resume(self, seen: int, free_at: float) -> None:
        """Continue where another process left off: so many operations seen, a slow disk busy until ``free_at``."""
        self.seen, self.free_at = seen, free_at
        if "delay_between" in self.data:
            drawn = int(seen >= self.data["at"]) if "at" in self.data else seen + 1 - self.data.get("from", 1)
            while self._drawn < drawn:
                self._draw()

    def _draw(self) -> float:
        self._drawn += 1
        return self._random.uniform(*self.data["delay_between"])

    def matches(self, operation: str, paths: Sequence[str]) -> bool:
        """Count the operation if the rule is about it; whether the rule applies to this occurrence."""
        if operation not in self.operations:
            return False
        if not any(fnmatch.fnmatchcase(path, self.pattern) for path in paths):
            return False
        self.seen += 1
        if "at" in self.data:
            return bool(self.seen == self.data["at"]) or self.second_half
        return bool(self.seen >= self.data.get("from", 1))

    @property
    def second_half(self) -> bool:
        """Whether the operation just counted comes after the one that was done by half."""
        return bool("half" in self.data and self.seen == self.data["at"] + 1)

    def wait(self, now: float, size: int) -> float:
        """Until when an operation of ``size`` bytes that begins now has to wait; 0: not at all."""
        if "delay" in self.data:
            return now + float(self.data["delay"])
        if "delay_between" in self.data:
            return now + self._draw()
        if "bytes_per_second" in self.data and size:
            self.free_at = max(now, self.free_at) + size / self.data["bytes_per_second"]
            return self.free_at
        return 0.0


class Rules:
    """The rules of one file system. They count operations; many threads ask them."""

    def __init__(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Raises ValueError for impossible rules."""
        wrong = impossible(rules)
        if wrong:
            raise ValueError(wrong)
        self._rules = [_Rule(rule) for rule in rules]
        self._lock = threading.Lock()

    def ask(self, operation: str, paths: Sequence[str], size: int = 0, now: float | None = None) -> Outcome:
        """What happens to an operation. ``paths`` are relative to the folder; a rename has two."""
        now = time.monotonic() if now is None else now
        outcome: dict[str, Any] = {}
        numbers, until = [], []
        with self._lock:
            for number, rule in enumerate(self._rules):
                if not rule.matches(operation, paths):
                    continue
                data = rule.data
                wait = rule.wait(now, size)
                if "bytes_per_second" in data and not wait:
                    continue
                numbers.append(number)
                if wait:
                    until.append((number, wait))
                if "errno" in data and ("half" not in data or rule.second_half):
                    outcome.setdefault("errno", getattr(errno, data["errno"]))
                most = data.get("short_write")
                if data.get("kill") == "half" or ("half" in data and not rule.second_half):
                    most = max(1, size // 2)
                if most is not None:
                    outcome["most"] = min(most, outcome.get("most", most))
                if "kill" in data:
                    outcome["kill"], outcome["forget"] = data["kill"], data.get("forget")
                if "freeze" in data:
                    outcome["freeze"] = float(data["freeze"])
        return Outcome(rules=tuple(numbers), until=tuple(until), **outcome)
