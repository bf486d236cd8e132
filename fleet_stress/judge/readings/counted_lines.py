"""State files that are JSON Lines, though their profile says ``text``: learnt from the baseline.

A file counts as one where each of its lines is JSON after every start of the baseline, and another file says how many
there are. Then a line in which half a record and a whole one run together has cost that record, if fewer lines are
whole than the other file says. Neither alone is held against a bot: a text may hold anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.judge.case import Case
from fleet_stress.judge.readings import endings
from fleet_stress.judge.roles import Role
from fleet_stress.store.bounded_read import from_json

_BRACKETS = (b"{", b"[")
#: Characters of a line that are told.
_TOLD = 60


def learnt(case: Case) -> dict[str, str]:
    """By the key of each such file, the number that says how many lines it has, as ``KEY:NUMBER``.

    The number has to say it after every start, and to change between them.
    """
    found = {}
    for role in filter(_may_be, case.roles):
        lines = [_all_whole(case, start, role) for start in case.starts]
        if None in lines or len(set(lines)) < 2 or min(filter(None, lines), default=0) < 2:
            continue
        for other in case.roles:
            for name in other.never_back:
                if [case.numbers(start["after"], other).get(name) for start in case.starts] == lines:
                    found[role.key] = f"{other.key}:{name}"
    return found


def notes(case: Case) -> Iterator[str]:
    """For the baseline: which files were taken for JSON Lines."""
    for key, number in learnt(case).items():
        yield (
            f"{key}: each line is JSON, and {number} says how many there are, so a record that is glued to half of one"
            " is a failure; its profile says `format: text`, where `jsonl` holds each line to be whole"
        )


def lost(case: Case, start: Mapping[str, Any], role: Role) -> str | None:
    """A sentence where a record ran together with half of one, and is missing from the number of whole lines."""
    key, _, name = case.counted_lines.get(role.key, "").rpartition(":")
    content = case.content(start["after"], role.key)
    other = next((other for other in case.roles if other.key == key), None)
    if other is None or content is None or not endings.in_its_own_way(case, start):
        return None
    said = case.numbers(start["after"], other).get(name)
    lines = [line for line in content.split(b"\n") if line.strip()]
    whole = sum(_is_record(line) for line in lines)
    glued = next(
        (n for n, line in enumerate(lines, start=1) if not _is_record(line) and _ends_in_one(line)), None
    )
    if glued is None or said is None or said <= whole:
        return None
    told = ascii(lines[glued - 1][:_TOLD].decode("utf-8", "replace"))
    return (
        f"{role.key}: in line {glued} a record is glued to half of one ({told}); {whole} lines are whole after start"
        f" {start['n']}, where {key} says {name}: {said:g} (in the baseline both were the same)"
    )


def _may_be(role: Role) -> bool:
    return role.section == "state" and role.format == "text" and role.rewritten in ("cycle", "change")


def _all_whole(case: Case, start: Mapping[str, Any], role: Role) -> int | None:
    """How many lines it has after a start, if all are records; None: some are not, or it cannot be read."""
    content = case.content(start["after"], role.key)
    if not content or not content.endswith(b"\n"):
        return None
    lines = content.split(b"\n")[:-1]
    return len(lines) if all(map(_is_record, lines)) else None


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(from_json(line), (dict, list))
    except ValueError:
        return False


def _ends_in_one(line: bytes) -> bool:
    """Whether a line begins as a record, and a whole one follows to its end."""
    line = line.strip()
    begins = [at for at in range(1, len(line)) if line[at : at + 1] == line[:1]]
    return line[:1] in _BRACKETS and any(_is_record(line[at:]) for at in begins)
