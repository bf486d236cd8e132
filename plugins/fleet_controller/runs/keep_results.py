"""How many runs keep their results on the controller (``stress_keep_results``): the newest; older ones are removed.

Only a finished run of ours goes: a folder with the ``run.json`` that ``open_run`` wrote, under the run's own name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

from fleet_controller.runs.run_folder import ABANDONED, FINISHED, LATEST, alone, has_run, known_runs

#: A folder with this name is being removed; whoever finds it goes on with that.
_GOING = ".removed-"


def keep(results_dir: Path, most: int, spared: Collection[str] = ()) -> list[str]:
    """Remove the results of all finished runs but the newest ``most`` that ran; returns the ids of what is gone.

    Runs that were refused are not counted; those older than the oldest that is kept go too. What somebody reads
    (``in_use``), what is not finished, what ``latest`` leads to, and the ``spared`` stay. 0 keeps all. Raises OSError.
    """
    if most < 1:
        return []
    gone = []
    with alone(results_dir):
        for left in results_dir.glob(f"{_GOING}*"):
            shutil.rmtree(left, ignore_errors=True)
        link = results_dir / LATEST
        stays = {*spared, link.readlink().name if link.is_symlink() else ""}
        for folder in _older(results_dir, most):
            if folder.name not in stays and _remove(folder):
                gone.append(folder.name)
    return gone


def _older(results_dir: Path, most: int) -> Iterator[Path]:
    """Folders of finished runs that are older than the newest so many that ran."""
    ran = 0
    for run in known_runs(results_dir):
        folder = results_dir / run["run_id"]
        if run.get("state") not in (FINISHED, ABANDONED):
            continue
        if ran >= most:
            yield folder
        elif has_run(folder):
            ran += 1


def _remove(folder: Path) -> bool:
    """Whether it could be removed: not while somebody reads it, and not by halves under its own name."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            place = folder.with_name(f"{_GOING}{folder.name}")
            folder.rename(place)
            shutil.rmtree(place, ignore_errors=True)
        finally:
            os.close(descriptor)
        return True
    return False
