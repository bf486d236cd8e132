"""The faults: one file each, named after it. A subclass of ``Fault`` below this folder is one; nothing lists them.

Imports faulty_fs, observe, recovery, system, store.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fleet_stress.faults.protocol import Fault, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.observe import counting
from fleet_stress.store.discovery import PlugIns
from fleet_stress.store.plan_steps import all_steps

FAULTS: PlugIns[type[Fault]] = PlugIns(__path__, __name__, Fault)

#: What finds the crash points of a ``visit``, and hits the bot at them.
UNDER_VISITS = "faulty_fs"


def unsupported(steps: Sequence[Mapping[str, Any]], where: Where) -> Unsupported | None:
    """The first fault among a scenario's steps that this host cannot do, or None."""
    for kind, arguments in applied(steps):
        cannot = kind.supported(where, arguments)
        if cannot is not None:
            return cannot
        if kind.silences(where.bot, arguments) and counting.role_rewritten(where.bot) is None:
            told_by = where.bot["cycle"]["file"]
            return Unsupported(
                f"its cycles are told by {told_by}, which {kind.name} takes away",
                "a state file that is `rewritten: cycle` in the bot profile: by that they are counted meanwhile",
            )
    return None


def needs(steps: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """With what an arena has to be made for the faults among a scenario's steps."""
    return frozenset().union(*(kind.needs for kind, _ in applied(steps)))


def any_by_user(steps: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a fault among a scenario's steps can do without a network of the arena's own, by the bots' user."""
    return any(kind.by_user for kind, _ in applied(steps))


def applied(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[type[Fault], Mapping[str, Any]]]:
    """The faults that a scenario's steps apply, with their arguments; a ``visit`` applies one by itself."""
    for step in all_steps(steps):
        if step["verb"] == "fault":
            yield FAULTS[step["args"]["fault"]], step["args"]["args"]
        elif step["verb"] == "visit":
            rules = [{"on": ["any"], "at": 1, **answer} for answer in step["args"]["answers"]]
            yield FAULTS[UNDER_VISITS], {"folder": step["args"]["folder"], "rules": rules}


__all__ = ["FAULTS", "UNDER_VISITS", "any_by_user", "applied", "needs", "unsupported"]
