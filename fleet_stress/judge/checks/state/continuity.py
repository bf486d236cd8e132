"""``continuity``: numbers that the profile says may never go back, do not go back over a restart (1.1, 1.3, 3.3).

A bot that starts from zero at every restart leaves valid, fresh files; only this shows that it lost everything.
"""

from __future__ import annotations

from collections.abc import Sequence

from fleet_stress.judge.case import Case
from fleet_stress.judge.checks.protocol import Arguments, Check, Findings
from fleet_stress.judge.readings import corruption, endings, following
from fleet_stress.judge.roles import NO_NUMBERS, Role

#: Numbers whose values are told where all held.
_TOLD = 5


class Continuity(Check):
    """One finding for each number that went back, at its first time."""

    title = "counters do not go back over a restart"
    arguments = {
        "except": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Roles of files that the scenario itself takes away.",
        },
        "but_corrupt": {
            "type": "boolean",
            "description": "A file's own numbers may go back over its own corruption, and only there.",
        },
    }

    def judge(self, case: Case, arguments: Arguments) -> Findings:
        compared = False
        left_out = arguments.get("except", ())
        roles = [role for role in case.roles if role.never_back and role.name not in left_out]
        if not roles:
            return  # the profile names no such numbers, or the scenario itself takes all of them away
        for role in roles:
            unread = next(
                (start["n"] for start in case.starts if case.unread(start["after"], role.key)), None
            )
            if unread is not None:
                reason = f"{role.key} could not be read after start {unread}"
                yield self.not_exercised(role.key, reason)
            for name in role.never_back:
                outcome = _went_back(case, role, name, spared=bool(arguments.get("but_corrupt")))
                compared = compared or outcome is not None
                if outcome:
                    yield self.failed(f"{role.key}:{name}", outcome)
        if not compared and (later := _saves_later(case, roles)):
            yield self.skipped("state", later)
        elif not compared:
            reason = "nothing to lose: no number that may never go back had risen above zero before a restart"
            yield self.not_exercised("state", reason)

    def seen(self, case: Case, arguments: Arguments) -> str | None:
        """What the numbers were after each start."""
        told = []
        for role in case.roles:
            for name in role.never_back if role.name not in arguments.get("except", ()) else ():
                values = [case.numbers(start["after"], role).get(name) for start in case.starts]
                told.append(f"{name} {' → '.join(f'{value:g}' for value in values if value is not None)}")
        return ", ".join(told[:_TOLD]) or None

    def unasked(self, case: Case, arguments: Arguments) -> str | None:
        """The profile names no such numbers, or the scenario itself takes all of them away."""
        left_out = arguments.get("except", ())
        named = any(role.never_back and role.name not in left_out for role in case.roles)
        return None if named else NO_NUMBERS


def _saves_later(case: Case, roles: Sequence[Role]) -> str | None:
    """Why nothing can have gone back: by its profile, the bot had no reason to save before it was ended."""
    before = case.starts[:-1]
    ended = [start for start in before if start["cycles"] and not endings.in_its_own_way(case, start)]
    if not before or len(ended) < len(before):
        return None
    longest = max(following.finished(start) for start in ended)
    if all(role.rewritten == "exit" or role.entry.get("saved_every", 1) >= longest for role in roles):
        return (
            f"nothing to lose: the bot was ended after {longest} cycles at most, and saves later, as its profile says"
            " (`rewritten: exit`, or `saved_every`)"
        )
    return None


def _went_back(case: Case, role: Role, name: str, *, spared: bool) -> str | None:
    """A sentence when the number went back, "" when it held, None when it never had anything to lose.

    ``spared``: where its file was corrupted in between, it may.
    """
    compared = False
    for earlier, later in zip(case.starts, case.starts[1:]):
        if spared and corruption.took(case, role, earlier, later):
            compared = True  # nothing else is asked of it here
            continue
        had = case.numbers(earlier["after"], role).get(name)
        if had is None or had <= 0:
            continue
        was = f"{role.key}: {name} was {had:g} after start {earlier['n']}"
        first = next(
            (look["fields"][name] for look in case.seen(role.key, later["n"]) if name in look["fields"]), None
        )
        last = case.numbers(later["after"], role).get(name)
        for value, when in ((first, "first"), (last, "last")):
            if value is not None and value < had:
                return f"{was} and {value:g} at the {when} look at start {later['n']}"
        if last is None and case.unread(later["after"], role.key):
            continue
        if last is None:
            return f"{was} and is gone after start {later['n']}"
        compared = True
    return "" if compared else None
