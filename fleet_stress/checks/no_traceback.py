"""``no_traceback``: no Python traceback in the bot's output or its text logs (all rows)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.case import Case
from fleet_stress.checks.protocol import Check
from fleet_stress.verdict import NOT_EXERCISED, Finding

_HEAD = "Traceback (most recent call last)"
#: A traceback: its head, indented frames, and the line that names the exception.
_BLOCK = re.compile(
    r"Traceback \(most recent call last\).*?(?:\n|\Z)(?P<frames>(?:[ \t|+].*\n|\n)*)(?P<last>[^\n]*)"
)
_FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')
_ROTATED = re.compile(r"\.\d+$")
_SHOWN = 200


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """One finding for each distinct exception and place, with how often and where it was seen."""
    del arguments
    seen: dict[str, list[str]] = {}
    for name, text in _texts(case):
        for told in _tracebacks(text):
            seen.setdefault(told, []).append(name)
    for told, names in seen.items():
        unhandled = _ended_by_it(case, names)
        kind = "unhandled exception" if unhandled else "traceback in the output or log"
        reason = f"{kind}: {told}, {len(names)} times, first in {names[0]}"
        yield Finding("no_traceback", told, reason, evidence=tuple(dict.fromkeys(names)))
    for key, info in _logs(case):
        if not info["kept"]:
            reason = f"{key} was not searched for tracebacks: no copy was kept of its {info['size']} bytes"
            yield Finding("no_traceback", key, reason, NOT_EXERCISED)


def _texts(case: Case) -> Iterator[tuple[str, str]]:
    for start in case.starts:
        for stream in ("stdout", "stderr"):
            yield start[stream], case.text(start[stream])
    for key, _ in _logs(case):
        last = case.starts[-1]["after"]
        yield f"{last}/{key}", (case.content(last, key) or b"").decode("utf-8", "replace")


def _logs(case: Case) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Text logs after the last start, with those that were rotated away (``errors.log.1``)."""
    texts = {role.key for role in case.roles if role.section == "logs" and role.format == "text"}
    for key, info in case.after(case.starts[-1]).items() if case.starts else ():
        if _ROTATED.sub("", key) in texts:
            yield key, info


def _tracebacks(text: str) -> Iterator[str]:
    if _HEAD not in text:
        return
    for block in _BLOCK.finditer(text):
        frames = _FRAME.findall(block["frames"])
        where = f" at {frames[-1][0].rpartition('/')[2]}:{frames[-1][1]}" if frames else ""
        yield f"{block['last'].strip()[:_SHOWN] or 'exception without a name'}{where}"


def _ended_by_it(case: Case, names: list[str]) -> bool:
    return any(
        start["stderr"] in names and start["exit"] and start["exit"]["code"] not in (0, None)
        for start in case.starts
    )


CHECK = Check("no_traceback", "no exception goes unhandled", judge)
