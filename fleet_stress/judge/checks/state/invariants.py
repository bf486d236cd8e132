"""``invariants``: the conditions of the profile hold, in every row, wherever they can be looked at.

A condition over one file counts whenever two looks in a row have found the same content of it, and after each start.
One over several files counts after a start that ended in the bot's own way: a bot that runs, or was killed, may be
between writing one of them and the next. Nor does it count once we have taken away or replaced what one of them held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import endings
from fleet_stress.observe.snapshot import COMPANION
from fleet_stress.store.bounded_read import from_json
from fleet_stress.store.conditions import Condition, Outcome, of_profile

#: Faults after which the files of a bot need not agree any more: by the fault, not by the bot.
_DISTURBS = (
    "corrupt",
    "database_lock",
    "fill",
    "ram_volume",
    "read_only",
    "rival",
    "second_instance",
    "vanish",
)


class _Look(NamedTuple):
    """An outcome, and when it was."""

    at: float
    when: str
    outcome: Outcome
    evidence: tuple[str, ...]


class Invariants(Check):
    """One finding for each condition, at the first time that it did not hold."""

    title = "the profile's invariants hold"

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        for name, condition in of_profile(case.bot).items():
            looks = sorted(_looks(case, name, condition), key=lambda look: look.at)
            told = [look for look in looks if look.outcome.holds is not None]
            broken = next((number for number, look in enumerate(told) if not look.outcome.holds), None)
            if broken is not None:
                before = told[broken - 1].outcome if broken else None
                yield self.failed(
                    name, _sentence(name, condition, told[broken], before), evidence=told[broken].evidence
                )
            elif not told and case.scenario["baseline"]:
                why = next((look.outcome.why for look in looks), "no file of it was there to be looked at")
                reason = f"the invariant {name} (`{condition.text}`) could not be looked at: {why}"
                yield self.not_exercised(name, reason)

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """A profile need not have any."""
        return None if of_profile(case.bot) else "the bot profile names no invariants"


def _sentence(name: str, condition: Condition, broken: _Look, before: Outcome | None) -> str:
    held = f"; before, with {_values(before)}, it held" if before else ""
    now = _values(broken.outcome)
    return f"the invariant {name} (`{condition.text}`) did not hold {broken.when}: {now}{held}"


def _values(outcome: Outcome) -> str:
    return ", ".join(f"{name} = {value}" for name, value in outcome.values.items()) or outcome.why


def _looks(case: Case, name: str, condition: Condition) -> Iterator[_Look]:
    for start in case.starts:
        if _counts(case, condition, start):
            found = _in_snapshot(case, condition, start)
            if found is not None:
                files = tuple(f"{start['after']}/{_key(case, root)}" for root in sorted(condition.roots))
                yield _Look(start["exit"]["at"], f"after start {start['n']}", found, files)
    for look in case.evidence["observations"]:
        if look["start"] is not None and name in look.get("invariants", ()) and not _ours(case, look):
            at = float(look["at"])
            if _undisturbed(case, condition, at):
                outcome = Outcome(**look["invariants"][name])
                yield _Look(at, f"at {at:.1f} s, in start {look['start']}", outcome, ())


def _counts(case: Case, condition: Condition, start: Mapping[str, Any]) -> bool:
    """Whether what a start has left is judged."""
    if start["after"] is None or not _undisturbed(case, condition, start["exit"]["at"]):
        return False
    return len(condition.roots) == 1 or (
        endings.in_its_own_way(case, start) and not _under_a_fault(case, start)
    )


def _in_snapshot(case: Case, condition: Condition, start: Mapping[str, Any]) -> Outcome | None:
    """None: a file of it is not there, or not whole, which other checks judge."""
    document = {}
    for root in condition.roots:
        key = _key(case, root)
        content = case.content(start["after"], key)
        if content is None or _ours(case, {"file": key, **case.after(start)[key]}):
            return None
        try:
            document[root] = from_json(content)
        except ValueError:
            return None
    return condition.look(document)


def _key(case: Case, root: str) -> str:
    return next((role.key for role in case.roles if role.name == root), f"{COMPANION}/{root}")


def _under_a_fault(case: Case, start: Mapping[str, Any]) -> bool:
    """Whether a fault was active when a start ended, or no cycle has ended since."""
    ended = start["exit"]["at"]
    last = start["cycles"][-1]["at"] if start["cycles"] else start["at"]
    for fault in case.evidence["faults"]:
        until = fault.get("lifted_at", fault["at"])
        if fault["at"] <= ended and (until is None or until >= max(start["at"], last)):
            return True
    return False


def _undisturbed(case: Case, condition: Condition, at: float) -> bool:
    """Whether what its files hold at a moment is the bot's own doing."""
    roles = {role.name for role in case.roles} & condition.roots
    if case.scenario.get("seed") and roles != condition.roots:
        return False  # the bot goes on from where it was, its companions begin anew
    for fault in case.evidence["faults"]:
        if fault["at"] > at:
            continue
        if len(condition.roots) > 1 and _disturbs(fault):
            return False
        if fault["fault"] == "corrupt" and "flip_bits" in fault["args"] and fault["args"]["file"] in roles:
            return False  # it may still be valid, with another number
    return True


def _disturbs(fault: Mapping[str, Any]) -> bool:
    if fault["fault"] != "faulty_fs":
        return fault["fault"] in _DISTURBS
    effects = [set(rule) & {"errno", "short_write", "forget"} for rule in fault["args"].get("rules", ())]
    return any(effects)


def _ours(case: Case, file: Mapping[str, Any]) -> bool:
    """Whether a file holds what a fault of ours has put there."""
    put = [fault["proof"] for fault in case.evidence["faults"] if fault["fault"] == "corrupt"]
    return any(
        proof["file"] == file["file"] and (proof["after"] or {}).get("sha256") == file["sha256"]
        for proof in put
    )
