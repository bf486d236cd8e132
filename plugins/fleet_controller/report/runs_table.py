"""The runs whose results are kept, newest first: for ``playbooks/results.yml``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from fleet_controller.messages.terminal import Drawn, open_table, screen, written
from fleet_controller.messages.text import first_of, number_of, plain
from fleet_controller.runs.run_folder import FINISHED, LATEST, RUNNING, has_run, is_watched, known_runs
from fleet_controller.runs.verdict_counts import counted
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED

#: So many are shown; the folder has the rest.
_SHOWN = 40
_MB = 1_000_000
Document = dict[str, Any]


def runs(results_dir: Path) -> list[Document]:
    """What is known of each, newest first.

    ``run_id``, ``started``, ``bot``, ``profile``, ``hosts``, ``scenarios`` (how many), ``state``, ``counts`` (null: it
    did not run), ``bytes`` on disk, and whether it is the ``latest``.
    """
    link = results_dir / LATEST
    latest = link.readlink().name if link.is_symlink() else ""
    return [_about(results_dir / run["run_id"], run, latest) for run in known_runs(results_dir)]


def table(found: Iterable[Document], where: str, width: int = 100, colour: bool = False) -> Drawn:
    """``found``: from ``runs``. ``where``: their folder, as it is to be named."""
    everything = list(found)
    console, stream = screen(width, colour)
    grid = open_table("run", "bot", "profile", ">rows", "hosts", ">MB", "verdicts", uncut=("run",))
    for run in everything[:_SHOWN]:
        names = [plain(name, 100) for name in run["hosts"]]
        grid.add_row(
            f"{plain(run['run_id'], 100)}{' *' if run['latest'] else ''}",
            Text(plain(run["bot"], 100)),
            Text(plain(run["profile"], 100)),
            str(run["scenarios"]),
            Text(first_of(names, 2)),
            f"{run['bytes'] / _MB:.1f}",
            _became(run),
        )
    if everything:
        console.print(grid)
    left = len(everything) - _SHOWN
    if left > 0:
        console.print(Text(f"… and {left} older"))
    size = sum(run["bytes"] for run in everything) / _MB
    console.print(Text(f"{number_of(len(everything), 'run')} in {plain(where)}, {size:.1f} MB (* = latest)"))
    return written(stream)


def _about(folder: Path, run: Mapping[str, Any], latest: str) -> Document:
    state = str(run.get("state"))
    if state == RUNNING and not is_watched(run):
        state = "interrupted"
    counts = run.get("counts")
    return {
        **{name: str(run.get(name) or "") for name in ("run_id", "started", "bot", "profile")},
        "hosts": list(map(str, _list(run.get("hosts")))),
        "scenarios": len(_list(run.get("scenarios"))),
        "state": state,
        "counts": dict(counts) if isinstance(counts, Mapping) and has_run(folder) else None,
        "bytes": _size(folder),
        "latest": run["run_id"] == latest,
    }


def _became(run: Document) -> Text:
    if run["state"] == "interrupted":
        return Text("interrupted; the same command resumes it", "yellow")
    if run["state"] != FINISHED:
        return Text(run["state"], "yellow")
    if run["counts"] is None:
        return Text("not run", "dim")
    bad = any(run["counts"].get(word) for word in (FAILED, NOT_EXERCISED, ERROR))
    return Text(counted(run["counts"]), "red" if bad else "green")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _size(folder: Path) -> int:
    """Bytes that the files below a folder take on disk, as du(1) counts them; a link counts as itself."""
    blocks = 0
    for path, _, files in os.walk(folder):
        for name in files:
            try:
                blocks += (Path(path) / name).lstat().st_blocks
            except OSError:
                continue  # being written, or removed, just now
    return blocks * 512
