"""What is new since an earlier run of the same bot: new failures first.

Only ``passed`` and ``failed`` say something about a bot (``compare.py``), so a row that failed and now proves nothing
is neither fixed nor still failing: it is ``unknown``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet_controller.results.compare import BETTER, UNKNOWN, change, proved
from fleet_controller.messages.errors import UserError
from fleet_controller.results.finished_run import Finished, differences, find, read
from fleet_controller.catalogue.project import Project
from fleet_controller.runs.host_result import has_result
from fleet_controller.runs.run_folder import FINISHED, LATEST, known_runs
from fleet_stress.store.verdict import FAILED, KNOWN, PASSED

#: The operator wants no comparison.
NONE = "none"
VARIABLE = "earlier"
NEW, FIXED, STILL, LOST = "new", "fixed", "still", "unknown"
#: What is said of each group, in the order that a person wants to see them in.
GROUPS = {NEW: "failed that did not before", LOST: "no longer proved", FIXED: "fixed", STILL: "still failed"}
Document = dict[str, Any]


def since(results_dir: Path, results: Mapping[str, Any], asked: str, project: Project) -> Document | None:
    """What became of the rows since an earlier run, as ``schemas/results.schema.json`` describes it.

    Args:
        results_dir: Folder of all results.
        results: What ``collect`` gathered.
        asked: A run's id or folder; ``none``; empty for the newest one before this that was reported, of the same bot
            and profile, on all of its hosts, of which one ran, and with at least half of its rows, or at least some.
        project: Relative paths count from its operator's folder.

    Returns:
        None where there is nothing to compare with.

    Raises:
        UserError: The run that was asked for is not there, damaged, or of another bot or profile.
    """
    by_name = bool(str(asked).strip())
    old = check(results_dir, asked, results, project) if by_name else _newest(results_dir, results)
    if old is None:
        return None
    if not any(map(has_result, results["hosts"].values())):
        return None
    groups: Document = {word: [] for word in GROUPS}
    for word, item in _items(old.results, results):
        groups[word].append(item)
    return {"run_id": old.run_id, "finished": old.results["finished"], **groups}


def check(results_dir: Path, asked: str, results: Mapping[str, Any], project: Project) -> Finished | None:
    """The run that was asked for by name, if any was; of ``results`` only what makes runs alike is read.

    Raises UserError.
    """
    asked = str(asked).strip()
    if not asked or asked.casefold() == NONE:
        return None
    if asked == LATEST:
        why, do = (
            "by the time of the report that is this very run",
            "leave it out: the newest alike is compared with",
        )
        raise UserError(f"`{LATEST}` names no earlier run", VARIABLE, why, do)
    old = find(results_dir, asked, project, VARIABLE)
    if old.run_id == results["run_id"]:
        why, do = "a run is not compared with itself", f"name an earlier one, or -e {VARIABLE}={NONE}"
        raise UserError(f"run {old.run_id} is this one", VARIABLE, why, do)
    apart = [difference for difference in differences(old.results, results) if not difference.startswith("scenarios")]
    for word in ("hosts", "scenarios"):
        known = set(results.get(word) or ())
        if known and not known & set(old.results[word]):
            apart.append(f"they have no {word} in common")
    if apart:
        why, do = "; ".join(apart), f"name a run of the same bot and profile, or -e {VARIABLE}={NONE}"
        raise UserError(f"run {old.run_id} cannot be compared with this one", VARIABLE, why, do)
    return old


def _newest(results_dir: Path, results: Mapping[str, Any]) -> Finished | None:
    """The newest run before this one that can be read. Of a run that is reported again, later ones are not asked.

    Whoever repeats one row after a run leaves a run that knows nothing of all the others: one with half of what was run
    now comes before it.
    """
    half = len(results["scenarios"]) / 2
    shared = [(_shared(run, results), run) for run in known_runs(results_dir) if _before(run, results)]
    some = [(rows < half, str(run["started"]), run) for rows, run in shared if rows]
    some.sort(key=lambda item: item[1], reverse=True)
    for *_, run in sorted(some, key=lambda item: item[0]):  # stable: the newest stay first
        try:
            found = read(results_dir / run["run_id"])
        except UserError:
            continue  # damaged, or never reported: nobody asked for this very one
        if any(has_result(found.results["hosts"][name]) for name in results["hosts"] if name in found.results["hosts"]):
            return found
    return None


def _before(run: Mapping[str, Any], results: Mapping[str, Any]) -> bool:
    """Whether a run, as its run.json has it, came before, is alike, and has not this one in it (``merge.py``)."""
    parts = run.get("merged")
    within = isinstance(parts, list) and any(
        isinstance(part, Mapping) and part.get("run_id") == results["run_id"] for part in parts
    )
    return (
        run.get("state") == FINISHED
        and not within
        and run["run_id"] != results["run_id"]
        and str(run.get("started")) < results["started"]
        and all(run.get(item) == results[item] for item in ("bot", "profile"))
    )


def _shared(run: Mapping[str, Any], results: Mapping[str, Any]) -> int:
    """How many rows an earlier run has in common with this one, by what was asked; 0 where a host was not in it."""
    if not _names(run, "hosts") >= set(results["hosts"]):
        return 0
    return len(_names(run, "scenarios") & set(results["scenarios"]))


def _names(run: Mapping[str, Any], word: str) -> set[str]:
    """A list in a run.json, which may have been written by anybody."""
    known = run.get(word)
    return set(map(str, known)) if isinstance(known, list) else set()


def _items(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Document]]:
    # One that brought no result is told as that.
    for name, host in ((name, host) for name, host in new["hosts"].items() if has_result(host)):
        known = {
            scenario["scenario"]: scenario for scenario in old["hosts"].get(name, {"scenarios": ()})["scenarios"]
        }
        for scenario in host["scenarios"]:
            if scenario.get("not_asked"):
                continue
            then = known.get(scenario["scenario"])
            before, now = then and then["verdict"], scenario["verdict"]
            word = _group(before, then and proved(then), now, proved(scenario))
            if word:
                about = {name: scenario[name] for name in ("scenario", "row", "title")}
                reason = scenario["reasons"][0] if scenario["reasons"] and now != PASSED else ""
                yield word, {"host": name, **about, "old": before, "new": now, "reason": reason}


def _group(before: str | None, proved_before: str | None, now: str, proved_now: str) -> str | None:
    """Where a row belongs; None: there is nothing to say about it. What is known, then or now, is no news."""
    if now == FAILED:
        return STILL if before == FAILED else NEW
    if change(proved_before, proved_now) == BETTER:
        return FIXED
    # It proved something, and now it proves nothing.
    proves_less = proved_before in (PASSED, FAILED) and change(proved_before, proved_now) == UNKNOWN
    return LOST if proves_less and now != KNOWN else None
