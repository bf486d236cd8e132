"""The runs that are to become one: slices of the same command, each whole, and no host in two of them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.errors import Problems, UserError, listed
from fleet_controller.results.evidence_copy import File, files_of
from fleet_controller.results.finished_run import Finished, differences, find
from fleet_controller.catalogue.project import Project
from fleet_controller.messages.text import plain
from fleet_controller.untrusted.bounded_json import read_json

#: A plan is far smaller. Bytes.
_PLAN_LIMIT = 20_000_000
_DO = "merge slices of the same command: same bot and source, profile, scenarios and version, other hosts"


class Slice(NamedTuple):
    """One run to be merged: its own compiled command, and the files of its hosts."""

    run: Finished
    compiled: dict[str, Any]
    files: dict[str, list[File]]


def sources(asked: Any) -> list[str]:
    """The runs that ``-e merge=`` names: text with commas, or a list. Raises UserError."""
    parts = asked.split(",") if isinstance(asked, str) else asked
    if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
        why = "a run is named by its id or its folder, which is text"
        raise UserError(f"{plain(asked, 100)!r} names no runs", "merge", why, "write -e merge=RUN,FOLDER")
    words = [part.strip() for part in parts if part.strip()]
    for word in words:
        if "/" in word and not Path(word).expanduser().exists():
            do = "correct the path; a merge takes two runs or more"
            raise UserError(f"there is no folder {plain(word, 300)}", "merge", "a run is merged from its folder", do)
    if len(words) < 2:
        raise UserError(
            "there is nothing to merge", "merge", f"it names {listed(words)}", "name two runs or more"
        )
    return words


def slices(results_dir: Path, asked: Sequence[str], project: Project) -> list[Slice]:
    """The runs to be merged, each whole and all of the same command, by their ids. Writes nothing.

    Raises UserError with all that is wrong.
    """
    problems, found = Problems(), []
    for word in asked:
        try:
            run = find(results_dir, word, project, "merge")
            hosts = {name: files_of(run.folder / "hosts" / name) for name in run.results["hosts"]}
            found.append(Slice(run, run.compiled(), hosts))
        except UserError as error:
            problems.extend(error)
    problems.raise_any()
    found.sort(key=lambda piece: piece.run.run_id)
    for piece in found[1:]:
        for sentence in _unlike(found[0], piece):
            problems.add("these runs cannot become one", _both(found[0], piece), sentence, _DO)
    owners: dict[str, Slice] = {}
    for piece in found:
        for name in piece.run.results["hosts"]:
            if name in owners:
                where, do = (
                    _both(owners[name], piece),
                    "each host belongs to one slice; leave one of the runs out",
                )
                problems.add(f"host {name} is in two runs", where, "its results would count twice", do)
            owners.setdefault(name, piece)
    problems.raise_any()
    return found


def _unlike(item: Slice, other: Slice) -> list[str]:
    """Why two runs are not slices of the same command: sentences."""
    ours, theirs = item.run.results, other.run.results
    found = differences(ours, theirs)
    kinds = {results["bot_source"].get("kind") for results in (ours, theirs)}
    # The same folder lies at another place on every controller, and there is what was in it to go by.
    for word in () if kinds == {"controller"} else ("kind", "source", "ref"):
        pair = [plain(results["bot_source"].get(word, "nothing"), 100) for results in (ours, theirs)]
        if pair[0] != pair[1]:
            found.append(f"the bot's {word}: {' and '.join(pair)}")
    versions = [plain(results["versions"].get("fleet_stress", "unknown"), 50) for results in (ours, theirs)]
    if versions[0] != versions[1]:
        found.append(f"versions of fleet-stress: {' and '.join(versions)}")
    # Selectors may be written in many ways: what came of them counts.
    if not found and _compiled(item) != _compiled(other):
        found.append("their scenarios or the bot's profile were others when they were compiled")
    if not found and item.compiled.get("known") != other.compiled.get("known"):
        found.append("their lists of known findings were others when they were compiled")
    if not found:
        copies = [_copies(piece) for piece in (item, other)]
        if kinds != {"host"} and all(copies) and copies[0] != copies[1]:
            found.append(f"the bot's code: {' and '.join(listed(sorted(some)) for some in copies)}")
    return found


def _compiled(piece: Slice) -> tuple[Any, Any]:
    """The scenarios and the bot's profile; where its folder lies is looked at elsewhere."""
    bot = {name: value for name, value in piece.compiled["bot"].items() if name != "source"}
    return piece.compiled["scenarios"], bot


def _copies(piece: Slice) -> set[str]:
    """The names of the bot's copies on a run's hosts, which say what was in them."""
    found = set()
    for name in piece.run.results["hosts"]:
        with contextlib.suppress(OSError, ValueError, RecursionError, LookupError, TypeError):
            plan = read_json(piece.run.folder / "hosts" / name / "plan.json", _PLAN_LIMIT)
            found.add(plain(str(plan["bot"]["copy"]).rpartition("/")[2], 100))
    return found


def _both(item: Slice, other: Slice) -> str:
    return f"runs {item.run.run_id} and {other.run.run_id}"
