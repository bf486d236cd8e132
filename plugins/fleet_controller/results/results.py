"""What a run found on all hosts, gathered into one document: ``results.json``.

Every host has an entry for every scenario that was asked for, also where nothing could be run: counts are
honest only when nothing is left out of them.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.errors import UserError
from fleet_controller.runs.host_result import NO_RESULT, UNREACHABLE, Damaged, Reader
from fleet_controller.results.by_platform import by_platform
from fleet_controller.catalogue.selectors import FAILED as FAILED_BEFORE
from fleet_controller.planning.compile_command import ONLY_ON
from fleet_controller.results.causes import causes
from fleet_controller.results.known import KnownFindings, gone
from fleet_controller.runs.repeat_command import COMMAND, URGENT, repeat
from fleet_controller.results.stage_reports import Said
from fleet_controller.messages.text import in_one_line
from fleet_controller.untrusted.packed_evidence import where
from fleet_stress.store.verdict import ALL, ERROR, FAILED

RESULTS = "results.json"
Document = dict[str, Any]


def collect(
    run_folder: Path,
    problems: Mapping[str, Any] | None = None,
    verify: Mapping[str, Any] | None = None,
    command: Sequence[str] = COMMAND,
    unreachable: Iterable[str] | None = None,
    known: Mapping[str, Any] | None = None,
) -> Document:
    """The document that ``schemas/results.schema.json`` describes. Writes nothing.

    Args:
        run_folder: ``results/<run_id>``, with what the stages before this one stored there.
        problems: Why a host was not brought to its end, by host. None: as an earlier report said.
        verify: What the verify stage found wrong, sentences by host. None: as an earlier report said.
        command: The words that a command which repeats something begins with.
        unreachable: Names of hosts that could not be reached, or were lost on the way. None: as an earlier report
            said.
        known: Known findings in the place of those that the run began with.

    Raises:
        UserError: The run's own ``run.json`` or ``compiled.json`` cannot be read.
    """
    run, compiled = _own(run_folder / "run.json"), _own(run_folder / "compiled.json")
    scenarios = [_Asked.of(scenario) for scenario in compiled["scenarios"]]
    said = Said.of(problems, verify, run_folder / RESULTS, unreachable)
    names = dict.fromkeys([*map(str, run.get("hosts", ())), *said.problems, *said.verify])
    reader = Reader([scenario.id for scenario in scenarios])
    selectors = ",".join(compiled["asked"][2]) or "all"
    # Of a merged run, each host has the inventory of the controller that it belongs to.
    heads: Mapping[str, Sequence[str]] = run.get("commands") or {}
    of_run = KnownFindings(known or compiled.get("known"), str(run["started"])[:10])
    hosts = {}
    for name in names:
        begins = heads.get(name, command)
        again = {scenario.id: repeat(run, name, scenario.id, begins) for scenario in scenarios}
        found, problem = _look(reader, run_folder, name, said)
        if found is None:
            again = dict.fromkeys(again, repeat(run, name, selectors, begins))
        reason = f"not run: {in_one_line(problem or NO_RESULT, 300)}"
        entries = [_entry(scenario, found, reason, again[scenario.id]) for scenario in scenarios]
        for scenario, entry in zip(scenarios, entries, strict=True):
            if name not in (scenario.only_on or [name]):
                entry["not_asked"] = True
            entry["evidence"] = _evidence(run_folder, name, entry["evidence"])
        entries = of_run.settle(entries)
        lost = bool(problem) and name in said.unreachable
        hosts[name] = _host(found, problem, said.verify.get(name, []), entries, unreachable=lost)
    finished = run["finished"] or _now()
    counts = Counter(scenario["verdict"] for host in hosts.values() for scenario in host["scenarios"])
    of_list = of_run.told(hosts)
    results: Document = {
        "format": 1,
        "run_id": run["run_id"],
        "started": run["started"],
        "finished": finished,
        "seconds": max(0.0, (_time(finished) - _time(run["started"])).total_seconds()),
        "versions": run["versions"],
        "bot": run["bot"],
        "bot_source": run["bot_source"],
        "profile": run["profile"],
        "scenarios": [scenario.id for scenario in scenarios],
        "counts": {verdict: counts[verdict] for verdict in ALL},
        "platforms": by_platform(hosts),
        # Where no host took part nothing was proved, and that may not look green.
        "verdict": worst([_of_scenarios(item["verdict"]) for item in hosts.values()] or [ERROR]),
        **({"known": of_list} if of_list else {}),
        "causes": causes(hosts),
        "hosts": hosts,
        **_again(run, hosts, command, heads),
    }
    if next(gone(results), None):
        results["verdict"] = worst([results["verdict"], FAILED])
    return results


def _again(
    run: Mapping[str, Any],
    hosts: Mapping[str, Document],
    command: Sequence[str],
    heads: Mapping[str, Sequence[str]],
) -> Document:
    """The command that repeats all that did not pass; of hosts that several controllers have there is none."""
    bad = [name for name, host in hosts.items() if any(entry["verdict"] in URGENT for entry in host["scenarios"])]
    if not bad or any(name in heads for name in bad):
        return {}
    return {"repeat": repeat(run, ",".join(bad), FAILED_BEFORE, command)}


def worst(verdicts: Iterable[str]) -> str:
    """The verdict that wins over the others; there must be one."""
    return min(verdicts, key=ALL.index)


def _of_scenarios(verdict: str) -> str:
    """A host's verdict as one of the five: to a run, a host that was not there is an error."""
    return ERROR if verdict == UNREACHABLE else verdict


class _Asked(NamedTuple):
    """A scenario as it was compiled. Rows and titles are never taken from a host."""

    id: str
    row: str
    title: str
    #: Hosts that it was asked of; None for all.
    only_on: list[str] | None

    @classmethod
    def of(cls, scenario: Mapping[str, Any]) -> _Asked:
        """From the compiled command."""
        return cls(scenario["id"], scenario["row"], scenario["title"], scenario.get(ONLY_ON))


def _look(reader: Reader, run_folder: Path, name: str, said: Said) -> tuple[Document | None, str | None]:
    """A host's result, if it has one that counts, and what is the problem with the host, if anything is."""
    problem, before = said.problems.get(name), said.before.get(name)
    # A report that is made again from what was stored hears of no problems, and still knows them.
    try:
        found = reader.read(run_folder / "hosts" / name, name)
    except Damaged as damage:
        sentence = f"its result is damaged: {damage}"
        if problem is None and before and before.endswith(sentence):
            return None, before
        return None, "; ".join(filter(None, (problem, sentence)))
    if found is None:
        return None, problem or before or NO_RESULT
    return found, problem


def _host(
    found: Document | None,
    problem: str | None,
    verify: list[str],
    entries: list[Document],
    *,
    unreachable: bool,
) -> Document:
    known = found or {"leftovers": []}
    in_trouble = [ERROR] if problem or verify or known["leftovers"] else []
    return {
        "verdict": UNREACHABLE if unreachable else worst([*(entry["verdict"] for entry in entries), *in_trouble]),
        "problem": problem,
        **{item: known.get(item) for item in ("system", "engine", "started", "finished", "seconds", "stopped")},
        "leftovers": known["leftovers"],
        "verify": verify,
        "scenarios": entries,
    }


def _entry(asked: _Asked, found: Document | None, reason: str, again: str) -> Document:
    """The entry of one scenario; ``reason``: why it was not run, where the host has no result."""
    entry: Document = {
        "verdict": ERROR,
        "reasons": [reason],
        "notes": [],
        "findings": [],
        "known_from_baseline": [],
        "checks": [],
        "seconds": 0.0,
        "evidence": None,
        "measures": {},
    }
    if found is not None:
        own = next((scenario for scenario in found["scenarios"] if scenario["scenario"] == asked.id), None)
        entry.update(own or {"reasons": ["the host's result does not speak of it"]})
    return {**entry, "scenario": asked.id, "row": asked.row, "title": asked.title, "repeat": again}


def _evidence(run_folder: Path, host: str, of_host: str | None) -> str | None:
    """Where a scenario's evidence lies below the run's folder; None: the host sent none."""
    return where(run_folder, f"hosts/{host}/{of_host}") if of_host else None


def _own(path: Path) -> Document:
    """A document that this controller wrote itself. Raises UserError."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        do = "name a run that is there: ls the folder of all results"
        raise UserError("there is no such run, or its record is damaged", str(path), why, do) from problem


def _time(word: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(word)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
