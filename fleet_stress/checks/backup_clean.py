"""``backup_clean``: a corruption is never copied over the backup, not even for a moment (1.3).

Watching sees every content that stood in a backup; a crash in that moment would lose both files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.case import Case
from fleet_stress.checks import corruption
from fleet_stress.checks.protocol import Check, of_file
from fleet_stress.verdict import NOT_EXERCISED, Finding


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each backup that held the corrupt content."""
    role = case.role(arguments["file"])
    met = corruption.of(case, role.name)
    if met is None or met.proof["after"] in (None, met.proof["before"]):
        reason = (
            corruption.not_met(role.name)
            if met is None
            else f"the corruption of {role.name} put no content there that could be carried into a backup"
        )
        yield Finding("backup_clean", role.key, reason, NOT_EXERCISED)
        return
    sha256 = met.proof["after"]["sha256"]
    stem = role.key.rpartition("/")[2].partition(".")[0]
    held: dict[str, str] = {}
    for one in case.evidence["observations"]:
        if one["at"] >= met.at and one["sha256"] == sha256 and _is_backup(one["file"], role.backup_key, stem):
            held.setdefault(one["file"], "for a while")
    for start in case.starts[case.starts.index(met.start) :]:
        for key, info in case.after(start).items():
            if info["sha256"] == sha256 and _is_backup(key, role.backup_key, stem):
                held[key] = f"and still held it after start {start['n']}"
    for key, when in held.items():
        reason = f"{key} held the corruption of {role.key}, {when}: a good backup was overwritten with it"
        yield Finding("backup_clean", key, reason)


def _is_backup(key: str, backup_key: str | None, stem: str) -> bool:
    name = key.rpartition("/")[2]
    return key == backup_key or (name.startswith(stem) and ("backup" in name or ".bak" in name))


CHECK = Check(
    "backup_clean",
    "a corruption is not carried into the backup",
    judge,
    of_file("Role of the file that was corrupted."),
    short="file",
)
