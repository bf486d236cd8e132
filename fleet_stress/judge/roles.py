"""The files that a bot profile names, each by its role and its key in the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fleet_stress.observe import bot_files
from fleet_stress.observe.file_content import KINDS

#: Where the evidence's keys come from; the folders themselves do not matter any more.
PLACES = {f"{name}_dir": f"/{name}" for name in ("state", "log", "bot", "home", "tmp")}

#: The reason of a check that has no state file to look at.
NO_STATE = "the bot profile names no state file"
#: The reason of a check that has no number to look at.
NO_NUMBERS = "the bot profile names no number that may never go back (never_back of a file)"


class Role(NamedTuple):
    """One file that the profile names, by its key in the evidence."""

    name: str
    key: str
    backup_key: str | None
    format: str
    required: bool
    rewritten: str
    never_back: tuple[str, ...]
    section: str
    entry: Mapping[str, Any]

    @property
    def has_numbers(self) -> bool:
        """Whether it is more than text: it can be whole or not, and hold numbers."""
        return self.format != "text" and (self.format != "bytes" or "numbers" in self.entry)

    @property
    def queries(self) -> tuple[str, ...]:
        """The names of the numbers that a database is asked for."""
        return tuple(self.entry.get("numbers", ())) if self.format == "sqlite" else ()

    @property
    def derived(self) -> bool:
        """Whether the bot makes it anew from another file, so that its loss is no loss."""
        return "derived_from" in self.entry

    @property
    def kind(self) -> str:
        """What its format is called in a finding: ``JSON``, ``database``."""
        return KINDS[self.format]


def roles_of(bot: Mapping[str, Any]) -> list[Role]:
    """All files of a profile: state, then logs."""
    entries = {
        (section, name): entry
        for section in ("state", "logs")
        for name, entry in bot.get(section, {}).items()
    }
    roles = []
    for (section, name), file in zip(entries, bot_files.tracked(bot, PLACES)):
        entry = entries[section, name]
        roles.append(
            Role(
                name=name,
                key=file.key,
                backup_key=file.backup_key,
                format=file.format,
                required=bool(entry.get("required", False)),
                rewritten=str(entry.get("rewritten", "never")),
                never_back=() if "derived_from" in entry else file.never_back,
                section=section,
                entry=entry,
            )
        )
    return roles
