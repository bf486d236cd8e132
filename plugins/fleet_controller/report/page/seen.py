"""``evidence.json`` of one scenario as a host sent it, read for the page: nothing in it is believed.

Whatever has not the form that ``docs/evidence.md`` describes is left out; what is left is numbers, our own words
and harmless texts, and bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.report.page.proof_words import proof_words
from fleet_controller.untrusted.bounded_json import read_json
from fleet_controller.untrusted.sample_lines import samples_of
from fleet_stress.store.exit_words import exit_words

EVIDENCE = "evidence.json"
#: What an engine writes is below 2 MB; a day's soak below 10. Bytes.
BYTES_LIMIT = 30_000_000
#: So many entries of a kind are read: a rapid restart has 20 starts and 60 steps.
ENTRIES_LIMIT = 2_000
SAMPLES_LIMIT = 10_000
_WORD, _SENTENCE, _NAME = 60, 300, 1_000
_SETTINGS = 20
_LARGEST = 1e15


class Damaged(Exception):
    """It cannot be read, or is no evidence; the message says why."""


class Step(NamedTuple):
    """One step that was begun. Times in seconds since the scenario began."""

    path: str
    detail: str
    at: float
    seconds: float
    outcome: str


class Start(NamedTuple):
    """One start of the bot: when, its marks, how it ended, and where its output lies."""

    n: int
    at: float
    #: When it was gone; None: it never was.
    ended: float | None
    #: ``exit code 0``, ``death by SIGKILL``; empty: it never ended.
    ending: str
    #: Whether it ended as no bot should: by itself, and not with 0.
    bad: bool
    cycles: list[float]
    signals: list[tuple[float, str]]
    #: State files that it was writing when a signal aimed at a write came.
    writing: list[str]
    output: tuple[str, ...]
    #: What the scenario set, as the bot was started: names and values.
    settings: tuple[tuple[str, str], ...] = ()


class Fault(NamedTuple):
    """A fault, and from when to when it stood. ``until`` is None where it was never lifted."""

    name: str
    since: float
    until: float | None
    bit: bool
    #: What shows it, in words.
    proof: str = ""
    #: A key of samples and the limit that stood over it; None: it limits nothing that is sampled.
    limit: tuple[str, float] | None = None


class Seen(NamedTuple):
    """What the page shows of the evidence."""

    seconds: float
    ended: str
    error: str
    steps: list[Step]
    starts: list[Start]
    faults: list[Fault]
    samples: list[Mapping[str, Any]]
    #: Output of probes and commands.
    output: list[str]
    #: So many processes and threads may the bot have; None: unlimited, or unknown.
    processes_limit: float | None = None


def read(folder: Path) -> Seen:
    """The evidence in a scenario's folder. Raises Damaged."""
    try:
        found = read_json(folder / EVIDENCE, BYTES_LIMIT)
    except FileNotFoundError:
        raise Damaged(f"there is no {EVIDENCE}") from None
    except OSError as problem:
        raise Damaged(f"{EVIDENCE} cannot be read: {problem.strerror}") from problem
    except (ValueError, RecursionError) as problem:
        raise Damaged(f"{EVIDENCE} is damaged: {plain(problem, 200)}") from problem
    if not isinstance(found, dict):
        raise Damaged(f"{EVIDENCE} is damaged: it is no evidence")
    return seen({**found, "samples": samples_of(folder, found)})


def seen(found: Mapping[str, Any]) -> Seen:
    """What a document holds of what the page shows."""
    steps, starts = list(_steps(found)), list(_starts(found))
    faults = list(_faults(found))
    ended = _object(found, "ended")
    marks = [step.at + step.seconds for step in steps] + [start.ended or start.at for start in starts]
    return Seen(
        seconds=max([number(found, "seconds") or 0.0, *marks]),
        ended="" if ended.get("outcome") == "done" else _text(ended, "reason", _SENTENCE),
        error=_text(found, "error", _SENTENCE),
        steps=steps,
        starts=starts,
        faults=faults,
        samples=list(_entries(found, "samples", SAMPLES_LIMIT)),
        output=[
            _text(entry, "output", _NAME)
            for kind in ("commands", "probes")
            for entry in _entries(found, kind)
            if _text(entry, "output", _NAME)
        ],
        processes_limit=number(_object(found, "processes"), "limit"),
    )


def number(found: Mapping[str, Any], name: str) -> float | None:
    """A number of an entry; None where there is none, or one that no clock or counter shows."""
    value = found.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > _LARGEST:
        return None
    return float(value) if math.isfinite(value) else None


def _steps(found: Mapping[str, Any]) -> Iterator[Step]:
    for entry in _entries(found, "steps"):
        at = number(entry, "at")
        if at is not None:
            detail = _text(entry, "detail", _SENTENCE) or _text(entry, "verb", _WORD)
            outcome = _text(entry, "outcome", _WORD) or "not ended"
            yield Step(_text(entry, "path", _WORD), detail, at, number(entry, "seconds") or 0.0, outcome)


def _starts(found: Mapping[str, Any]) -> Iterator[Start]:
    for place, entry in enumerate(_entries(found, "starts"), start=1):
        at = number(entry, "at")
        if at is None:
            continue
        exit_ = _object(entry, "exit")
        code, signal = number(exit_, "code"), _text(exit_, "signal", _WORD)
        by_itself = exit_.get("by") == "itself"
        cycles = (number(cycle, "at") for cycle in _entries(entry, "cycles"))
        signals = ((number(sent, "at"), _text(sent, "signal", _WORD)) for sent in _entries(entry, "signals"))
        yield Start(
            n=int(number(entry, "n") or place),
            at=at,
            ended=number(exit_, "at"),
            ending=exit_words({"code": code, "signal": signal}) if signal or code is not None else "",
            bad=by_itself and bool(signal or code),
            cycles=[item for item in cycles if item is not None],
            signals=[(when, word) for when, word in signals if when is not None],
            writing=[
                in_one_line(plain(name, _WORD), _WORD)
                for sent in _entries(entry, "signals")
                for name in (sent["writing"] if isinstance(sent.get("writing"), list) else ())[:3]
            ],
            output=tuple(filter(None, (_text(entry, "stderr", _NAME), _text(entry, "stdout", _NAME)))),
            settings=tuple(
                (in_one_line(plain(name, _WORD), _WORD), in_one_line(plain(value, _SENTENCE), _SENTENCE))
                for name, value in list(_object(entry, "settings").items())[:_SETTINGS]
            ),
        )


def _faults(found: Mapping[str, Any]) -> Iterator[Fault]:
    for entry in _entries(found, "faults"):
        since = number(entry, "stands_from")
        since = number(entry, "at") if since is None else since
        if since is not None:
            until = number(entry, "lifted_at")
            name, bit = _text(entry, "fault", _WORD), entry.get("bit") is True
            yield Fault(name, since, until, bit, proof_words(entry), _limit(name, entry))


def _limit(name: str, entry: Mapping[str, Any]) -> tuple[str, float] | None:
    proof = _object(entry, "proof")
    if name == "memory_limit" and (value := number(proof, "limit_bytes")) is not None:
        return "rss", value
    processes = _object(proof, "processes")
    # Each process has its own: of several, the sum that is sampled has none.
    if name == "fd_limit" and len(processes) == 1:
        value = number(_object(processes, next(iter(processes))), "limit")
        return None if value is None else ("handles", value)
    return None


def _entries(found: Mapping[str, Any], name: str, limit: int = ENTRIES_LIMIT) -> Iterator[Mapping[str, Any]]:
    value = found.get(name)
    for item in value[:limit] if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item


def _object(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = found.get(name)
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], name: str, limit: int) -> str:
    value = found.get(name)
    return in_one_line(plain(value, limit), limit) if isinstance(value, str) else ""
