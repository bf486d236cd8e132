"""Who met a broken module, and what the bot made of it. Shared by the checks of rows 5.

A fake module notes each process that imports it (``met`` in the fault's proof): those of pages that were requested,
and the bot's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case

_FAULT = "broken_module"
#: The exceptions that a broken module raises, as any program in Python names them.
_ERRORS = r"\b(RuntimeError|ImportError|ModuleNotFoundError)\b"
#: A line that names the module tells of its failure if it holds one of these too.
_TROUBLE = re.compile(
    r"error|exception|fail|cannot|can't|could not|unable|unavailable|not available|broken|missing|without"
    r"|disabled|fall(ing|s)? ?back|skipped",
    re.IGNORECASE,
)


def faults(case: Case) -> list[Mapping[str, Any]]:
    """The broken modules that somebody met."""
    return case.took_effect(_FAULT)


def met_by_bot(case: Case, fault: Mapping[str, Any]) -> int:
    """How many of the bot's own processes met it; a fake that fails at its first use has to be used as well."""
    pages = {probe.get("pid") for probe in case.evidence["probes"]}
    late = fault["args"].get("kind") == "fails_at_first_use"
    met = [entry for entry in fault["proof"].get("met", ()) if not late or entry["what"] != "import"]
    return len({entry["pid"] for entry in met} - pages)


def starts_under(case: Case, fault: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The starts of the bot that began while it was broken."""
    end = fault.get("lifted_at")
    return [
        start for start in case.starts if fault["at"] <= start["at"] and (end is None or start["at"] < end)
    ]


def named(case: Case, start: Mapping[str, Any], module: str) -> bool:
    """Whether a start's output, logs or other files name the module's failure, or the exception that it raises.

    What a start without the fault says as well names nothing.
    """
    usual = {line for other in _controls(case) for line in _telling(case, other, module)}
    return any(line not in usual for line in _telling(case, start, module))


def _controls(case: Case) -> Iterator[Mapping[str, Any]]:
    under = [start["n"] for fault in case.evidence["faults"] for start in starts_under(case, fault)]
    return (start for start in case.starts if start["n"] not in under)


def _telling(case: Case, start: Mapping[str, Any], module: str) -> Iterator[str]:
    """Lines that tell of it, without numbers: times and counts are no difference."""
    word = re.compile(rf"\b{re.escape(module)}\b")
    for text in _texts(case, start):
        for line in text.splitlines():
            if re.search(_ERRORS, line) or (word.search(line) and _TROUBLE.search(line)):
                yield re.sub(r"\d+", "#", line)


def _texts(case: Case, start: Mapping[str, Any]) -> Iterator[str]:
    for stream in ("stdout", "stderr"):
        yield case.text(start[stream])
    logs = case.text_logs(start)
    for key in logs:
        yield case.gained(start, key)[0]
    for key in case.after(start):
        if key not in logs:
            yield (case.content(start["after"], key) or b"").decode("utf-8", "replace")
