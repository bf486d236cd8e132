"""What there is: rows and scenarios, faults, checks, bots, profiles; as tables for ``playbooks/list.yml``.

Everything is read where it is defined: nothing here has to be kept up to date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from rich.table import Table
from rich.text import Text

from fleet_controller.catalogue import schema
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.located_yaml import read
from fleet_controller.catalogue.profiles import profile_chain
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.scenarios import load_catalogue
from fleet_controller.catalogue.selectors import ALL, words
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.messages.errors import Problems, UserError, did_you_mean, listed
from fleet_controller.messages.terminal import Drawn, open_table, screen, written
from fleet_controller.messages.text import duration, plain
from fleet_controller.planning.compile_command import Compiled, compile_command
from fleet_controller.report.capabilities_table import tables_of_hosts
from fleet_stress.faults import applied

#: What can be asked for, in the order of its showing; ``hosts`` needs to have asked them.
PARTS = ("scenarios", "faults", "checks", "bots", "profiles", "hosts")


class Listing(NamedTuple):
    """What all tables are made from. ``by_hand``: ids of scenarios that run only when they are named."""

    project: Project
    vocabulary: Vocabulary
    compiled: Compiled
    by_hand: frozenset[str]

    @classmethod
    def of(
        cls,
        bot: Any,
        profile: Any,
        scenarios: Any,
        *,
        project: Project | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> Listing:
        """For one bot, profile and choice of scenarios. Raises UserError with all that is wrong."""
        project, vocabulary = project or Project(), vocabulary or Vocabulary.of_engine()
        _, profiles = profile_chain(project, str(profile or "smoke"))
        catalogue = load_catalogue(project, schema.of_scenario(vocabulary), profiles)
        by_hand = frozenset(name for name, scenario in catalogue.items() if scenario.value.get("by_hand"))
        asked = words(scenarios)
        if asked in ([], [ALL]):
            asked = [ALL, *sorted(by_hand)]
        compiled = compile_command(
            bot,
            profile,
            asked,
            allow_commands=True,  # nothing is run here
            project=project,
            vocabulary=vocabulary,
        )
        return cls(project, vocabulary, compiled, by_hand)


def parts(asked: Any) -> list[str]:
    """Which tables: ``-e list=faults,checks``; all of them for nothing or ``all``. Raises UserError."""
    chosen, problems = words(asked) or [ALL], Problems()
    for word in chosen:
        if word not in (*PARTS, ALL):
            do = did_you_mean(word, (*PARTS, ALL), "use one of these")
            problems.add(f"nothing to list under `{word}`", "list", f"there is: {listed((ALL, *PARTS))}", do)
    problems.raise_any()
    return [part for part in PARTS if ALL in chosen or part in chosen]


def catalogue(listing: Listing, chosen: Sequence[str], width: int = 100, colour: bool = False) -> Drawn:
    """The tables of what the project has, those of ``chosen``; ``width`` in characters."""
    found = [table for part in chosen if part in _TABLES for table in _TABLES[part](listing)]
    return _drawn(found, width, colour)


def hosts(answers: Mapping[str, Mapping[str, Any]], width: int = 100, colour: bool = False) -> Drawn:
    """The tables of what hosts can do, from what ``able.answers`` made of their answers."""
    return _drawn(list(tables_of_hosts(answers)), width, colour)


def _drawn(tables: Sequence[Table | Text], width: int, colour: bool) -> Drawn:
    console, stream = screen(width, colour)
    for number, table in enumerate(tables):
        if number:
            console.print(Text(""))
        console.print(table)
    return written(stream)


def _scenarios(listing: Listing) -> Iterator[Table | Text]:
    """One line a scenario, as the chosen profile and bot have it."""
    asked = listing.compiled.asked
    table = open_table(
        "row", "scenario", "what is found out", ">duration", uncut=("row", "scenario", "duration")
    )
    for scenario in listing.compiled.scenarios:
        takes = "-" if scenario["skip"] else duration(scenario["estimate"])
        notes = "; ".join(_notes(scenario, listing.by_hand))
        title = plain(scenario["title"]) + (f" ({notes})" if notes else "")
        table.add_row(plain(scenario["row"]), plain(scenario["id"]), Text(title), takes)
    yield table
    yield Text(f"for the bot {plain(asked.bot)}, with the numbers of the profile {plain(asked.profile)}")


def _notes(scenario: Mapping[str, Any], by_hand: frozenset[str]) -> Iterator[str]:
    if scenario["skip"]:
        yield f"skipped: {plain(scenario['skip']['reason'])}"
    if scenario["id"] in by_hand:
        yield "by hand: runs only when it is named"
    if scenario["exclusive"]:
        yield "alone on the host"
    if scenario["weight"] > 1:
        yield f"{scenario['weight']} bots"


def _faults(listing: Listing) -> Iterator[Table | Text]:
    table = open_table("fault", "what it does", "arguments", "rows", uncut=("fault",))
    for name, arguments in listing.vocabulary.faults.items():
        rows = [
            plain(scenario["row"])
            for scenario in listing.compiled.scenarios
            if name in _faults_of(scenario["steps"])
        ]
        table.add_row(name, Text(arguments["description"]), _named(arguments), Text(", ".join(rows) or "-"))
    yield table


def _named(arguments: Mapping[str, Any]) -> Text:
    """The names of a fault's or check's arguments."""
    return Text(", ".join(arguments.get("properties", {})) or "-")


def _faults_of(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    return (fault.name for fault, _ in applied(steps))


def _checks(listing: Listing) -> Iterator[Table | Text]:
    table = open_table("check", "what holds", "arguments", uncut=("check",))
    for name, check in listing.vocabulary.checks.items():
        table.add_row(name, Text(check.title), _named(check.arguments))
    yield table


def _bots(listing: Listing) -> Iterator[Table | Text]:
    table = open_table("bot", "what it is", "source", uncut=("bot",))
    for name in listing.project.files("bots"):
        bot = load_bot(listing.project, name).value
        source = plain(bot["source"]).removeprefix(f"{listing.project.root}/") or "-e bot_source="
        table.add_row(name, Text(plain(bot["title"])), Text(source))
    yield table


def _profiles(listing: Listing) -> Iterator[Table | Text]:
    table = open_table("profile", "how hard", ">one by one", uncut=("profile", "one by one"))
    for name, path in listing.project.files("profiles").items():
        title = read(path, listing.project.shown(path)).value["title"]
        table.add_row(name, Text(plain(title)), _one_by_one(listing, name))
    yield table


def _one_by_one(listing: Listing, profile: str) -> str:
    """About how long the listed scenarios take with a profile, those by hand left out."""
    chosen = [item for item in listing.compiled.ids if item not in listing.by_hand]
    try:
        compiled = compile_command(
            listing.compiled.asked.bot,
            profile,
            chosen,
            allow_commands=True,
            project=listing.project,
            vocabulary=listing.vocabulary,
        )
    except UserError:
        return "-"  # some scenario has no numbers for this profile
    return duration(sum(scenario["estimate"] for scenario in compiled.scenarios))


_TABLES: Mapping[str, Callable[[Listing], Iterator[Table | Text]]] = {
    "scenarios": _scenarios,
    "faults": _faults,
    "checks": _checks,
    "bots": _bots,
    "profiles": _profiles,
}
