"""One thing that speaks against a host, and several as a message for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

#: ``what`` is wrong, ``where``, ``why`` that matters and what to ``do``.
Problem = Mapping[str, str]


def problem(what: str, where: str, why: str, do: str) -> Problem:
    """One thing that speaks against using the host."""
    return {"what": what, "where": where, "why": why, "do": do}


def as_message(problems: Sequence[Problem], host: str) -> str:
    """Problems as one message for a person."""
    many = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
    lines = [f"{host} cannot be used, and was left as it was ({many}):"]
    for number, item in enumerate(problems, 1):
        lines += [
            f"{number}. {item['what']}",
            f"   where: {item['where']}",
            f"   why:   {item['why']}",
            f"   do:    {item['do']}",
        ]
    return "\n".join(lines)
