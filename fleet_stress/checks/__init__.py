"""The checks: one file each, evidence in, findings out; one list here."""

from __future__ import annotations

from fleet_stress.checks import (
    backup_clean,
    backup_used,
    continuity,
    exit_code,
    handles_steady,
    logs_present,
    no_litter,
    no_process_left,
    no_traceback,
    overwritten,
    state_fresh,
    state_saved,
    state_valid,
    stopped_within,
    writes_inside,
)
from fleet_stress.checks.protocol import Check

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (
        backup_clean,
        backup_used,
        continuity,
        exit_code,
        handles_steady,
        logs_present,
        no_litter,
        no_process_left,
        no_traceback,
        overwritten,
        state_fresh,
        state_saved,
        state_valid,
        stopped_within,
        writes_inside,
    )
}

__all__ = ["CHECKS"]
