"""``overwritten``: the run after a corruption puts a valid file in its place (1.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Check, of_file
from fleet_stress.judge.readings import corruption
from fleet_stress.store.verdict import NOT_EXERCISED, Finding


def judge(case: Case, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding when the corrupt content, or nothing valid, stands there after the next run."""
    role = case.role(arguments["file"])
    met = corruption.of(case, role.name)
    if met is None:
        yield Finding("overwritten", role.key, corruption.not_met(role.name), NOT_EXERCISED)
        return
    now = case.after(met.start).get(role.key)
    number = met.start["n"]
    if now is None:
        yield Finding("overwritten", role.key, f"{role.key} is missing after start {number}")
    elif met.proof["after"] and now["sha256"] == met.proof["after"]["sha256"]:
        yield Finding("overwritten", role.key, f"{role.key} still holds the corruption after start {number}")
    elif role.has_numbers and case.whole(met.start["after"], role.key) is None:
        reason = f"{role.key} could not be read after start {number}"
        yield Finding("overwritten", role.key, reason, NOT_EXERCISED)
    elif role.has_numbers and not case.whole(met.start["after"], role.key):
        yield Finding("overwritten", role.key, f"{role.key} is no valid {role.kind} after start {number}")


CHECK = Check(
    "overwritten",
    "the next run overwrites a corrupt file",
    judge,
    of_file("Role of the file that was corrupted."),
    short="file",
)
