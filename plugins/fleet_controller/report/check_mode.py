"""What ``--check`` shows in place of a run: what each host would run, how long, what not, and which hosts not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.text import Text

from fleet_controller.messages.in_brief import in_brief
from fleet_controller.messages.terminal import Drawn, open_table, screen, written
from fleet_controller.messages.text import duration, first_of, in_one_line, number_of, plain
from fleet_controller.planning.estimates import estimate
from fleet_stress.run.schedule import order

#: So many lines of a kind are shown.
_LINES_LIMIT = 50
#: Characters of a reason.
_REASON = 240


def rehearsed(plan: Mapping[str, Any], unable: Mapping[str, str]) -> dict[str, Any]:
    """What one host would do with its plan.

    Args:
        plan: The plan.
        unable: Why the host cannot run scenarios, by their names, as its engine says.

    Returns:
        ``runs`` (names, in the order that they are begun in), ``skips`` (row, name and reason of each that is not
        run), ``seconds`` (an estimate).
    """
    skips, runs = [], []
    for scenario in order(plan["scenarios"]):
        reason = (scenario["skip"] or {}).get("reason") or unable.get(scenario["id"])
        if reason:
            skips.append({"row": scenario["row"], "scenario": scenario["id"], "reason": reason})
        else:
            runs.append(scenario)
    seconds = estimate(runs, int(plan["limits"]["bots_at_once"]))
    return {"runs": [run["id"] for run in runs], "skips": skips, "seconds": seconds}


def rehearsal(
    planned: Mapping[str, Mapping[str, Any]],
    problems: Mapping[str, str],
    width: int = 100,
    colour: bool = False,
) -> Drawn:
    """The table for a person.

    Args:
        planned: What ``rehearsed`` said, by host.
        problems: Why hosts would not be used, by host.
        width: Of the terminal, in characters.
        colour: With colour codes.
    """
    console, stream = screen(width, colour)
    for part in _parts(planned, problems):
        console.print(part)
    return written(stream)


def _parts(planned: Mapping[str, Mapping[str, Any]], problems: Mapping[str, str]) -> Iterator[Any]:
    used = {plain(name): item for name, item in sorted(planned.items()) if name not in problems}
    hosts = open_table("host", ">scenarios", ">skipped", ">about")
    for name, item in list(used.items())[:_LINES_LIMIT]:
        skipped = str(len(item["skips"]) or "-")
        hosts.add_row(Text(name), str(len(item["runs"])), skipped, duration(item["seconds"]))
    yield hosts
    yield from _more(len(used))
    found: dict[tuple[str, str, str], list[str]] = {}
    for name, item in used.items():
        for skip in item["skips"]:
            key = (plain(skip["row"]), plain(skip["scenario"]), in_one_line(plain(skip["reason"]), _REASON))
            found.setdefault(key, []).append(name)
    if found:
        skips = open_table("skipped", "row", "on", "why", uncut=("skipped", "row"))
        for (row, scenario, reason), names in list(found.items())[:_LINES_LIMIT]:
            skips.add_row(scenario, row, Text(first_of(names)), reason)
        yield Text("")
        yield skips
        yield from _more(len(found))
    if problems:
        yield Text("")
        for name, problem in sorted(problems.items())[:_LINES_LIMIT]:
            yield Text(f"not used: {plain(name)}: {in_brief(problem, name)}")
        yield from _more(len(problems))
    longest = max((float(item["seconds"]) for item in used.values()), default=0.0)
    about = f", about {duration(longest)}" if used else ""
    refused = f"; {number_of(len(problems), 'host')} would not be used" if problems else ""
    yield Text(f"nothing was run (--check): {number_of(len(used), 'host')} would be{about}{refused}")


def _more(number: int) -> Iterator[Text]:
    if number > _LINES_LIMIT:
        yield Text(f"… and {number - _LINES_LIMIT} more")
