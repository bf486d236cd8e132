"""The ``invariants`` of a bot profile: each can be read, and is about files that hold values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.messages.errors import Problem, did_you_mean, listed
from fleet_stress.store.conditions import Condition


def problems(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """What is wrong with the invariants of a profile that keeps its schema."""
    files = {role: entry for section in ("state", "logs") for role, entry in bot[section].items()}
    companions = {companion["name"]: companion for companion in bot["companions"]}
    known = [role for role, entry in files.items() if _has_values(entry)]
    known += [name for name, companion in companions.items() if "state_file" in companion]
    for name, text in bot["invariants"].items():
        where = document.where(("invariants", name))
        try:
            roots = Condition(text).roots
        except ValueError as problem:
            do = "correct it: JMESPath (jmespath.org), in which a sum is sum([a, b])"
            yield Problem(f"`{text}` is no condition", where, str(problem), do)
            continue
        for root in sorted(roots):
            if root in files and root in companions:
                why = "a role and a companion are called so"
                yield Problem(f"`{root}` means two things", where, why, "rename one")
            elif root not in known:
                yield Problem(
                    f"`{root}` is no file that holds values",
                    where,
                    _why(root, files, companions, known),
                    did_you_mean(root, known, "begin with one of these: ledger.balance >= 0"),
                )


def _has_values(entry: Mapping[str, Any]) -> bool:
    return entry["format"] != "text" and (entry["format"] != "bytes" or "numbers" in entry)


def _why(root: str, files: Mapping[str, Any], companions: Mapping[str, Any], known: list[str]) -> str:
    if root in files:
        return f"the format of `{root}` is {files[root]['format']}"
    if root in companions:
        return f"the companion `{root}` has no state_file"
    return f"there is: {listed(known)}"
