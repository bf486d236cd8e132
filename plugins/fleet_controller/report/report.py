"""The report of a run: what ``collect`` gathered, written down, and whether a person has to be worried."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.errors import Problems, UserError, did_you_mean, listed
from fleet_controller.messages.text import in_one_line, number_of, plain
from fleet_controller.report.formats import FORMATS
from fleet_controller.report.page import PAGE
from fleet_controller.report.run_summary import counts_of_run
from fleet_controller.results.known import gone
from fleet_controller.results.results import RESULTS
from fleet_controller.runs.host_result import trouble, wrong_with
from fleet_controller.untrusted.atomic_files import stored, write_atomic, write_bytes_atomic
from fleet_stress.store.verdict import ALL, ERROR, FAILED, NOT_EXERCISED

#: Verdicts that make the play fail, if nobody says otherwise.
FAIL_ON = (FAILED, ERROR, NOT_EXERCISED)
#: What two reports of the same evidence may differ in.
_CLOCK = ("finished", "seconds")


def fail_on(asked: Any) -> tuple[str, ...]:
    """The verdicts that make the play fail: text with commas or a list; nothing means the usual ones.

    Raises UserError for what is no verdict.
    """
    parts = [asked] if asked is None or isinstance(asked, str) else asked
    if not isinstance(parts, (list, tuple)) or not all(
        part is None or isinstance(part, str) for part in parts
    ):
        do = f"write -e fail_on={','.join(FAIL_ON)}"
        raise UserError(f"{plain(asked, 100)!r} names no verdicts", "fail_on", "verdicts are text", do)
    words = [str(word) for part in parts for word in re.split(r"[\s,]+", part or "") if word]
    problems = Problems()
    for word in words:
        if word not in ALL:
            why = f"there is: {listed(ALL)}"
            problems.add(f"unknown verdict `{plain(word, 100)}`", "fail_on", why, did_you_mean(word, ALL))
    problems.raise_any()
    return tuple(dict.fromkeys(words)) or FAIL_ON


class Written(NamedTuple):
    """What became of a report's files. ``changed``: some are not as they were before."""

    changed: bool
    #: Sentences about files that could not be made; the others are there.
    problems: list[str]


def write(folder: Path, results: Mapping[str, Any]) -> Written:
    """Write ``results.json`` and what is drawn from it (``formats.py``) into the run's folder, each in one step.

    Nothing is written where all already say the same. Raises OSError.
    """
    changed, problems = False, []
    known = stored(folder / RESULTS)
    if _without_clock(known) != _without_clock(results):
        write_atomic(folder / RESULTS, results)
        known, changed = stored(folder / RESULTS), True
    # Drawn from what is stored: a clock that went on is nothing new to say, nor is another order of names.
    for item in FORMATS:
        try:
            data = item.render(folder, known)
        except Exception as problem:  # one that cannot be drawn does not take the others along
            why = in_one_line(plain(f"{type(problem).__name__}: {problem}", 300), 300)
            problems.append(
                f"{item.name} was not written, a mistake of fleet-stress ({why}): please report it"
            )
            # One of an earlier report would tell of other evidence.
            data = None
        changed |= _put(folder / item.name, data)
    return Written(changed, problems)


def _put(path: Path, data: bytes | None) -> bool:
    """Let a file say this, or not be there; whether that is a change. Raises OSError."""
    if data is None:
        there = path.is_file()
        path.unlink(missing_ok=True)
        return there
    if path.is_file() and path.read_bytes() == data:
        return False
    write_bytes_atomic(path, data)
    return True


def complaint(
    results: Mapping[str, Any], verdicts: Sequence[str], where: str, problems: Sequence[str] = ()
) -> str | None:
    """Why the play has to fail, in one line: the table has said the rest. None: it has not.

    A host that was not brought to its end, or is not as it was before, counts whatever ``verdicts`` says, and so do
    ``problems``, what became of the report's files: whoever waits for one may not take the run for a good one. What is
    failed as advice (``advice`` of its entry) does not count. A known finding that is gone counts where failures do.
    """
    hosts: Mapping[str, Any] = results["hosts"]
    advice = sum(bool(scenario.get("advice")) for host in hosts.values() for scenario in host["scenarios"])
    counted = counts_of_run(results)
    counted[FAILED] -= advice
    said = [f"{counted[word]} {word}" for word in ALL if word in verdicts and counted[word]]
    wrong = Counter(trouble(host) for name, host in hosts.items() if next(wrong_with(name, host), None))
    said += [f"{number_of(number, 'host')} {what}" for what, number in wrong.items()]
    said += _listed(list(gone(results)) if FAILED in verdicts else [])
    if not hosts:
        said.append("no host took part")
    said += problems
    return f"FAILED: {', '.join(said)}; see {where}/{PAGE}" if said else None


def _listed(sentences: list[str]) -> list[str]:
    """The first of them, and how many more there are."""
    more = f" (and {len(sentences) - 1} more)" if len(sentences) > 1 else ""
    return [f"{in_one_line(plain(sentences[0]), 300)}{more}"] if sentences else []


def _without_clock(results: Any) -> Any:
    if not isinstance(results, Mapping):
        return None
    return {name: value for name, value in results.items() if name not in _CLOCK}
