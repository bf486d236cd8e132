"""The formats of a bot's files: what each can be asked for, and which file is made from which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.messages.errors import Problem, did_you_mean, listed


def contradictions(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """What the schema cannot see of the files of a profile."""
    roles = [*bot["state"], *bot["logs"]]
    for section in ("state", "logs"):
        for role, entry in bot[section].items():
            yield from _numbers(document, section, role, entry)
            source = entry.get("derived_from")
            if source is not None and (source == role or source not in roles):
                others = [name for name in roles if name != role]
                where = document.where((section, role, "derived_from"))
                do = did_you_mean(source, others, "use one of these")
                yield Problem(f"no other file `{source}`", where, f"there is: {listed(others)}", do)


def _numbers(document: Document, section: str, role: str, entry: Mapping[str, Any]) -> Iterator[Problem]:
    """A database is asked by queries and bytes by a command, and no other file is asked for numbers."""
    kind, numbers = entry["format"], entry.get("numbers")
    wanted = {"sqlite": dict, "bytes": list}.get(kind)
    if numbers is not None and (wanted is None or not isinstance(numbers, wanted)):
        where = document.where((section, role, "numbers"), key=True)
        do = "say format: sqlite for queries by name, format: bytes for a command, or take it out"
        yield Problem("`numbers` asks nobody", where, f"the format of `{role}` is {kind}", do)
        return
    known: Collection[str] = numbers or ()
    for number, name in enumerate(entry["never_back"]):
        where = document.where((section, role, "never_back", number))
        if kind == "sqlite" and name not in known:
            do = did_you_mean(name, known, f"say `numbers: {{{name}: SELECT …}}`")
            yield Problem(f"unknown number `{name}`", where, f"there is: {listed(known)}", do)
        elif kind == "bytes" and not numbers:
            why = f"only the bot's own code can read `{role}`"
            yield Problem(
                f"nobody says the number `{name}`", where, why, "name a command that prints it: `numbers`"
            )
