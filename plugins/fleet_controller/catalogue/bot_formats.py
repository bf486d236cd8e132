"""The formats of a bot's files: what each can be asked for, and which file is made from which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    """The numbers of a database are what its queries return, and no other file is asked any."""
    if entry["format"] != "sqlite":
        if "numbers" in entry:
            where = document.where((section, role, "numbers"), key=True)
            why = f"the format of `{role}` is {entry['format']}"
            yield Problem("`numbers` asks nobody", where, why, "say format: sqlite, or take it out")
        return
    known = entry.get("numbers", {})
    for number, name in enumerate(entry["never_back"]):
        if name not in known:
            where = document.where((section, role, "never_back", number))
            do = did_you_mean(name, known, f"say `numbers: {{{name}: SELECT …}}`")
            yield Problem(f"unknown number `{name}`", where, f"there is: {listed(known)}", do)
