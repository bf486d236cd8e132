"""``backup_clean``: a corruption is never copied over a good backup, not even for a moment (1.3).

Watching sees every content of a backup; a crash at that moment would lose both files. Where there
was no good backup (the scenario took it away), only one that stays corrupt is a finding.
"""

from __future__ import annotations

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Findings
from fleet_stress.judge.checks.state.corrupt_files import CorruptFiles
from fleet_stress.judge.readings import corruption
from fleet_stress.judge.roles import Role


class BackupClean(CorruptFiles):
    """A finding for each backup that held the corrupt content."""

    title = "a corruption is not carried into the backup"

    def of_one(self, case: Case, role: Role) -> Findings:
        found = corruption.of(case, role.name)
        if found is None or found.proof["after"] in (None, found.proof["before"]):
            reason = (
                corruption.not_hit(role.name)
                if found is None
                else f"the corruption of {role.name} put no new content there that could reach a backup"
            )
            yield self.not_exercised(role.key, reason)
            return
        sha256 = found.proof["after"]["sha256"]
        stem = role.key.rpartition("/")[2].partition(".")[0]
        kept: dict[str, str] = {}
        for start in case.starts[case.starts.index(found.start) :]:
            for key, info in case.after(start).items():
                if info["sha256"] == sha256 and _is_backup(key, role.backup_key, stem):
                    kept.setdefault(
                        key, f"{key} still held the corruption of {role.key} after start {start['n']}"
                    )
        # For a moment harms only a good backup; and a file that is just being written is empty for a moment.
        good = role.backup_key if found.proof["backup_before"] else None
        if good and found.proof["after"]["size"]:
            for look in case.seen(good):
                if look["at"] >= found.at and look["sha256"] == sha256:
                    kept.setdefault(good, f"{good} held the corruption of {role.key} for a moment")
        for key, where in kept.items():
            harm = (
                "a good backup was overwritten" if key == good else "the backup that is left is a copy of it"
            )
            yield self.failed(key, f"{where}: {harm}")


def _is_backup(key: str, backup_key: str | None, stem: str) -> bool:
    name = key.rpartition("/")[2]
    return key == backup_key or (name.startswith(stem) and ("backup" in name or ".bak" in name))
