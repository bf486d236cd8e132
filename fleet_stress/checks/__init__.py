"""The checks: one file each, evidence in, findings out; one list here."""

from __future__ import annotations

from fleet_stress.checks import (
    always_whole,
    backup_clean,
    backup_used,
    bounded_size,
    clear_failure,
    continuity,
    death_named,
    exit_code,
    fell_back,
    good_state_kept,
    handles_steady,
    keeps_cycling,
    killed_in_write,
    little_lost,
    logs_present,
    memory_trend,
    no_exhaustion,
    no_litter,
    no_process_left,
    no_traceback,
    overwritten,
    rival_ended,
    rotated,
    state_fresh,
    state_saved,
    state_valid,
    steady_pace,
    stopped_within,
    traceback_rate,
    works_again,
    write_failure_told,
    writes_inside,
)
from fleet_stress.checks.protocol import Check

CHECKS: dict[str, Check] = {
    module.CHECK.name: module.CHECK
    for module in (
        always_whole,
        backup_clean,
        backup_used,
        bounded_size,
        clear_failure,
        continuity,
        death_named,
        exit_code,
        fell_back,
        good_state_kept,
        handles_steady,
        keeps_cycling,
        killed_in_write,
        little_lost,
        logs_present,
        memory_trend,
        no_exhaustion,
        no_litter,
        no_process_left,
        no_traceback,
        overwritten,
        rival_ended,
        rotated,
        state_fresh,
        state_saved,
        state_valid,
        steady_pace,
        stopped_within,
        traceback_rate,
        works_again,
        write_failure_told,
        writes_inside,
    )
}

__all__ = ["CHECKS"]
