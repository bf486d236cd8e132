"""Python's tracebacks in what a bot wrote, and which of them nobody has handled. Shared by several checks.

A bot that logs an exception with its traceback (``log.exception``) has handled it. Nobody has where the process dies of
it, or where Python reports it for want of anybody else: in a thread (threading.excepthook), a task (asyncio), a
finalizer (sys.unraisablehook), a process of multiprocessing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import endings, output
from fleet_stress.judge.without_numbers import without_numbers
from fleet_stress.store.exit_words import died_of, exit_number

_HEAD = "Traceback (most recent call last)"
#: A traceback: its head, indented frames, and the line that names the exception.
_BLOCK = re.compile(
    r"Traceback \(most recent call last\).*?(?:\n|\Z)(?P<frames>(?:[ \t|+].*\n|\n)*)(?P<last>[^\n]*)"
)
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>[^\n]+))?')
#: Files that are not the bot's: Python's own, installed packages, and the fake modules of rows 5.1 to 5.4.
_LIBRARY = re.compile(
    r"/(?:site|dist)-packages/|/lib(?:64)?/python\d|/Python\.framework/|/python\d+\.zip/|^<|/modules/\w+/__init__\.py$"
)
#: Between the tracebacks of one chain of exceptions, of which the last one was raised.
_CHAINED = re.compile(
    r"(During handling of the above exception, another exception occurred"
    r"|The above exception was the direct cause of the following exception):\s*\Z"
)
#: What Python, or a hook for what nobody handles, writes right before the traceback.
_UNHANDLED = re.compile(
    r"^Exception in thread |^Process \S+:\s*$|^Exception ignored in|^Error in (sys\.excepthook|atexit)"
    r"|(Task|Future) exception was never retrieved|Exception in callback |exception calling callback "
    r"|[Uu]ncaught exception|[Uu]nhandled exception|[Uu]nhandled error",
    re.MULTILINE,
)
#: What ``logging`` prints where it could not write a line. It goes on after it, so no process dies of that.
_OF_LOGGING = re.compile(r"^--- Logging error ---$", re.MULTILINE)
#: The exit code of a Python that ends so (Py_RunMain, pymain_run_python in Modules/main.c).
_UNHANDLED_CODE = 1
#: Lines before a traceback that may introduce it: asyncio names the future between the two.
_BEFORE = 3
_SHOWN = 200
#: So many handled exceptions in so many cycles are few (row 1.2 of the stress plan: none repeatedly).
AT_MOST, PER = 1, 100


class Traceback(NamedTuple):
    """One in a text; a chain of exceptions is one."""

    #: The exception and the place in the bot it comes from: ``KeyError: 3 at trader.py:7``.
    exception: str
    #: The same without what changes from one time to the next: ``KeyError: # at trader.py in run``.
    cause: str
    #: Whether Python says before it that nobody has handled it.
    unhandled: bool
    #: Whether it is of a line that ``logging`` could not write.
    of_logging: bool = False


class Seen(NamedTuple):
    """One in the evidence: as of a text, and where."""

    exception: str
    cause: str
    unhandled: bool
    #: The name of the file in the evidence.
    name: str
    #: Where the bot wrote it, in whichever start (``output.place``).
    place: str
    #: The start that died of it.
    killed: int | None = None


def in_text(text: str) -> list[Traceback]:
    """All in a text, in order."""
    found: list[Traceback] = []
    if _HEAD not in text:
        return found
    ended = 0
    for block in _BLOCK.finditer(text):
        between = text[ended : block.start()]
        before = "\n".join(between.splitlines()[-_BEFORE:])
        unhandled, of_logging = bool(_UNHANDLED.search(before)), bool(_OF_LOGGING.search(before))
        ended = block.end()
        if found and _CHAINED.search(between):
            first = found.pop()
            unhandled, of_logging = unhandled or first.unhandled, of_logging or first.of_logging
        found.append(Traceback(*_described(block), unhandled, of_logging))
    return found


def _described(block: re.Match[str]) -> tuple[str, str]:
    """The exception with its place, for a person and as a key.

    The place is the innermost frame of the bot: that of a library, the same for many faults, says less. A bot that is
    installed as a package has frames of libraries only; then it is the innermost of all.
    """
    name = block["last"].strip()[:_SHOWN] or "exception without a name"
    frames = [frame.groups() for frame in _FRAME.finditer(block["frames"])]
    own = [frame for frame in frames if not _LIBRARY.search(frame[0])] or frames
    if not own:
        return name, without_numbers(name)
    path, line, function = own[-1]
    file = path.rpartition("/")[2]
    within = f" in {function.strip()[:_SHOWN]}" if function else ""
    return f"{name} at {file}:{line}", f"{without_numbers(name)} at {file}{within}"


def seen(case: Case, which: str = "all") -> Iterator[Seen]:
    """Those of all starts, or of the last: in their output, and in the text logs."""
    deadly = {start["stderr"]: start["n"] for start in case.starts if _died(case, start)}
    texts = output.texts(case) if which == "all" else output.texts_of_last(case)
    for name, text in texts:
        found, place = in_text(text), output.place(case, name)
        last = max((n for n, traceback in enumerate(found) if not traceback.of_logging), default=None)
        for number, traceback in enumerate(found):
            killed = deadly.get(name) if number == last else None
            unhandled = traceback.unhandled or killed is not None
            yield Seen(traceback.exception, traceback.cause, unhandled, name, place, killed)


class Times(NamedTuple):
    """One cause: the first of its exceptions, the names of the files, once each, and how often it happened."""

    first: Seen
    names: tuple[str, ...]
    often: int
    unhandled: bool
    #: The first start that died of it.
    killed: int | None


def by_cause(seen: Iterable[Seen]) -> dict[str, Times]:
    """What was seen, the same cause once. Where nobody handled it once, it counts as that.

    A bot may print what it also logs: that happened once. So it counts as often as it is in the place with the most.
    """
    found: dict[str, list[Seen]] = {}
    for each in seen:
        found.setdefault(each.cause, []).append(each)
    return {
        cause: Times(
            next((each for each in some if each.unhandled), some[0]),
            tuple(dict.fromkeys(each.name for each in some)),
            max(Counter(each.place for each in some).values()),
            any(each.unhandled for each in some),
            next((each.killed for each in some if each.killed is not None), None),
        )
        for cause, some in found.items()
    }


def cycles(case: Case) -> int:
    """Cycles that all starts have finished."""
    return sum(start["cycles"][-1]["n"] for start in case.starts if start["cycles"])


def allowed(cycles: int, at_most: int = AT_MOST, per: int = PER) -> float:
    """How many are few. A short run may have the whole number: one in ten cycles is not ten in a hundred yet."""
    return at_most * max(1.0, cycles / per)


def was_hit(case: Case) -> bool:
    """Whether something was done to the bot that it may well complain of: a fault, or a signal that ended it."""
    signals = (sent["signal"] for start in case.starts for sent in start["signals"])
    return bool(case.took_effect()) or any(signal not in ("TERM", "INT") for signal in signals)


def _died(case: Case, start: Mapping[str, Any]) -> bool:
    """Whether a start ended as Python does for an exception that nobody handles, and as its profile never says.

    With exit code 1; or, after KeyboardInterrupt, by the signal itself. Another code is one that the bot has chosen.
    """
    ended = start["exit"]
    if not ended or ended["by"] == "engine":
        return False
    died = exit_number(ended) == _UNHANDLED_CODE or died_of(ended, "INT")
    return died and exit_number(ended) not in endings.regular_codes(case)
