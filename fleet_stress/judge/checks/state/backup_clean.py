"""``backup_clean``: a corruption is never copied over a good backup, not even for a moment (1.3).

Watching sees every content that stood in a backup; a crash in that moment would lose both files. Where there
was no good backup (the scenario took it away), only one that stays corrupt is a finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.readings import corruption
from fleet_stress.store.verdict import Finding


class BackupClean(Check):
    """A finding for each backup that held the corrupt content."""

    title = "a corruption is not carried into the backup"
    arguments = corruption.ARGUMENTS
    required = ("file",)
    short = "file"

    def judge(self, case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
        role = case.role(arguments["file"])
        met = corruption.of(case, role.name)
        if met is None or met.proof["after"] in (None, met.proof["before"]):
            reason = (
                corruption.not_met(role.name)
                if met is None
                else f"the corruption of {role.name} put no content there that could be carried into a backup"
            )
            yield self.not_exercised(role.key, reason)
            return
        sha256 = met.proof["after"]["sha256"]
        stem = role.key.rpartition("/")[2].partition(".")[0]
        kept: dict[str, str] = {}
        for start in case.starts[case.starts.index(met.start) :]:
            for key, info in case.after(start).items():
                if info["sha256"] == sha256 and _is_backup(key, role.backup_key, stem):
                    kept.setdefault(
                        key, f"{key} still held the corruption of {role.key} after start {start['n']}"
                    )
        # For a while harms only who had a good backup; and a file that is just being written is empty for a moment.
        passing = role.backup_key if met.proof["backup_before"] and met.proof["after"]["size"] else None
        for one in case.evidence["observations"]:
            if passing and one["file"] == passing and one["at"] >= met.at and one["sha256"] == sha256:
                kept.setdefault(passing, f"{passing} held the corruption of {role.key} for a while")
        for key, told in kept.items():
            good = key == role.backup_key and met.proof["backup_before"]
            harm = (
                "a good backup was overwritten with it"
                if good
                else "what is left as a backup is a copy of it"
            )
            yield self.failed(key, f"{told}: {harm}")


def _is_backup(key: str, backup_key: str | None, stem: str) -> bool:
    name = key.rpartition("/")[2]
    return key == backup_key or (name.startswith(stem) and ("backup" in name or ".bak" in name))
