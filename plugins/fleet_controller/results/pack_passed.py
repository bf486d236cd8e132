"""After a report, the evidence of rows that passed is packed: most of a run's results, of which nobody has a question."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.runs.run_folder import host_folders
from fleet_controller.untrusted.packed_evidence import PACKED, drop_folders, pack, where
from fleet_controller.untrusted.unpack import Hostile, NoRoom
from fleet_stress.store.verdict import PASSED


def pack_passed(run_folder: Path, results: dict[str, Any], *, packs: bool) -> list[str]:
    """Pack what passed, and unpack what no longer does; ``results`` say afterwards where each evidence is.

    Args:
        run_folder: Of the run.
        results: From ``collect``; changed in place.
        packs: Whether anything is to be packed.

    Returns:
        Sentences about hosts whose evidence stays as it is.
    """
    problems = []
    for name, host in results["hosts"].items():
        entries = [entry for entry in host["scenarios"] if entry["evidence"]]
        passed = {_name(entry) for entry in entries if packs and entry["verdict"] == PASSED}
        try:
            pack(run_folder / "hosts" / name, passed)
        except (Hostile, NoRoom, OSError) as problem:
            why = in_one_line(plain(problem, 300), 300)
            problems.append(f"the evidence of {plain(name)} was not packed: {why}")
        for entry in entries:
            entry["evidence"] = where(run_folder, entry["evidence"].removesuffix(PACKED))
    return problems


def drop_what_is_packed(run_folder: Path) -> None:
    """Once the report is drawn, what is packed needs no folder. Raises OSError."""
    for host in host_folders(run_folder):
        drop_folders(host)


def _name(entry: dict[str, Any]) -> str:
    return PurePosixPath(entry["evidence"]).name.removesuffix(PACKED)
