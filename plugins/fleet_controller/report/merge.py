"""The results of several controllers as one run: each has run its part of the hosts through the same plan.

What comes out is a run as any other, ``run.json``, ``compiled.json``, ``hosts/`` and all: it is reported and
judged like one. Its id follows from what was merged, so that the same merge is the same run.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fleet_controller.messages.errors import Problems, listed
from fleet_controller.planning.compile_command import digest
from fleet_controller.report.report import write
from fleet_controller.results.evidence_copy import take
from fleet_controller.results.finished_run import COMPILED, RUN
from fleet_controller.results.foreign_command import beginning, extras
from fleet_controller.results.results import RESULTS, collect
from fleet_controller.results.slices import Slice
from fleet_controller.runs.repeat_command import COMMAND
from fleet_controller.runs.run_folder import FINISHED, alone, make_latest
from fleet_controller.untrusted.atomic_files import write_atomic

_PARTIAL = ".merge-"


class Merged(NamedTuple):
    """A merged run. ``new``: it was not there before."""

    run_id: str
    folder: Path
    new: bool


def merge(results_dir: Path, found: Sequence[Slice], inventory: Sequence[str] = ()) -> Merged:
    """Make one run of several; the sources stay as they are.

    Args:
        results_dir: Folder of all results, where the merged run is put; made if missing.
        found: From ``slices``.
        inventory: What the operator named behind ``-i``: commands that repeat something begin with it. None: as
            each slice's own commands do.

    Raises:
        UserError: What a run says of itself does not agree with its evidence; there is no room.
        OSError: The results cannot be written.
    """
    run = _record(found, inventory)
    folder = results_dir / run["run_id"]
    results_dir.mkdir(parents=True, exist_ok=True)
    with alone(results_dir):
        for dead in results_dir.glob(f"{_PARTIAL}*"):
            shutil.rmtree(dead)
        new = not (folder / RUN).is_file()
        if new:
            with _partial(results_dir / f"{_PARTIAL}{run['run_id']}", folder) as place:
                _fill(place, run, found)
        make_latest(results_dir, run["run_id"])
    return Merged(run["run_id"], folder, new)


@contextlib.contextmanager
def _partial(place: Path, folder: Path) -> Iterator[Path]:
    """A folder that becomes the run's in one step, or nothing."""
    place.mkdir()
    try:
        yield place
        place.rename(folder)
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _fill(place: Path, run: dict[str, Any], found: Sequence[Slice]) -> None:
    hosts: dict[str, Any] = {}
    for piece in found:
        for name, host in piece.run.results["hosts"].items():
            take(piece.files[name], piece.run.folder / "hosts" / name, place / "hosts" / name)
            hosts[name] = host
    write_atomic(place / COMPILED, found[0].compiled)
    write_atomic(place / RUN, run)
    # What the slices' own reports said of their hosts still holds; the rest is worked out from the evidence.
    write_atomic(place / RESULTS, {**found[0].run.results, "run_id": run["run_id"], "hosts": hosts})
    results = collect(place)
    problems = Problems()
    for piece in found:
        for name, host in piece.run.results["hosts"].items():
            claimed, seen = _verdicts(host), _verdicts(results["hosts"][name])
            if claimed != seen:
                first = next(item for item in claimed if claimed[item] != seen.get(item))
                why = f"{first}: {RESULTS} says {claimed[first]}, and what lies in hosts/ says {seen.get(first)}"
                do = "bring the whole folder anew; if it was judged again there, report it again there"
                problems.add(f"the results of {name} do not agree", str(piece.run.folder), why, do)
    problems.raise_any()
    write_atomic(place / RUN, {**run, "verdict": results["verdict"], "counts": results["counts"]})
    write(place, results)


def _record(found: Sequence[Slice], inventory: Sequence[str]) -> dict[str, Any]:
    """The merged run's run.json."""
    everything = [piece.run.results for piece in found]
    first = everything[0]
    commands = {
        name: [*COMMAND, *(word for source in inventory for word in ("-i", source)), *extras(head)]
        if inventory
        else head
        for results in everything
        for name, host in results["hosts"].items()
        for head in [beginning(host)]
    }
    mark = digest([everything, commands])
    started = min(results["started"] for results in everything)
    return {
        "run_id": f"{re.sub(r'[-:]', '', started[:19]).replace('T', '-')}-{mark[:6]}",
        "command_hash": mark,
        "state": FINISHED,
        "started": started,
        "finished": max(results["finished"] for results in everything),
        **{name: first[name] for name in ("bot", "profile", "scenarios")},
        "bot_source": _source(everything),
        "hosts": sorted(commands),
        "versions": _versions([results["versions"] for results in everything]),
        "controller": None,
        "merged": [{"run_id": run["run_id"], "hosts": sorted(run["hosts"])} for run in everything],
        "commands": commands,
    }


def _source(everything: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Where the bot was. A folder that lies elsewhere on each controller, or not here, is in no command."""
    known = [results["bot_source"] for results in everything]
    folder = str(known[0].get("path", ""))
    here = all(item == known[0] for item in known) and Path(folder).is_dir()
    return dict(known[0]) if here or known[0].get("kind") != "controller" else {"kind": "controller"}


def _versions(known: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Of what took part; the controllers' own Python and Ansible may differ, and then all are named."""
    names = sorted({name for item in known for name in item})
    return {name: listed(sorted({item[name] for item in known if name in item})) for name in names}


def _verdicts(host: Mapping[str, Any]) -> dict[str, str]:
    return {
        "the host": host["verdict"],
        **{scenario["scenario"]: scenario["verdict"] for scenario in host["scenarios"]},
    }
