"""What hosts can do of a plan, and what would enable the rest: their engines' answers, and tables of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from fleet_controller.messages.terminal import open_table
from fleet_controller.messages.text import duration, first_of, in_one_line, number_of, plain
from fleet_controller.messages.unreachable import lost, why_not_finished
from fleet_controller.planning.estimates import estimate

#: So many lines of a kind are shown.
_LINES_LIMIT = 50
#: Characters of a sentence.
_SENTENCE = 300
#: Of a host that has none, what to do.
NO_ENGINE = (
    "it has no engine yet that could say; ansible-playbook playbooks/provision.yml -l {host} brings one"
)
#: Of an engine that does not answer as ours does.
OTHER_ENGINE = (
    "its engine does not answer as this project's does;"
    " ansible-playbook playbooks/provision.yml -l {host} brings the right one"
)


def read_answer(text: str, plan: Mapping[str, Any]) -> dict[str, Any] | None:
    """What ``python -m fleet_stress unable`` said of a plan; None: that is no answer of an engine of ours.

    Returns:
        ``can`` (ids), ``cannot`` (``scenario``, ``row``, ``reason``, ``enable`` of each) and ``seconds``, an
        estimate of what it can.
    """
    try:
        found = {
            str(name): (str(answer["reason"]), str(answer["enable"]))
            for name, answer in json.loads(text).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    cannot = [
        {
            "scenario": scenario["id"],
            "row": scenario["row"],
            "reason": found[scenario["id"]][0],
            "enable": found[scenario["id"]][1],
        }
        for scenario in plan["scenarios"]
        if scenario["id"] in found
    ]
    can = [scenario for scenario in plan["scenarios"] if scenario["id"] not in found]
    seconds = estimate(can, int(plan["limits"]["bots_at_once"]))
    return {"can": [item["id"] for item in can], "cannot": cannot, "seconds": seconds}


def answers(hosts: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """From the variables of all hosts: by name the answer of ``stress_able``, or ``problem``, a sentence."""
    document = {}
    for host in hosts:
        name = str(host["inventory_hostname"])
        asked = (host.get("stress_facts"), host.get("stress_abilities"))
        problem = str(host.get("stress_problem") or "")
        problem = problem or next((why_not_finished(result, name) for result in asked if lost(result)), "")
        able = host.get("stress_abilities") or {}
        if problem:
            document[name] = {"problem": problem}
        elif "can" in able:
            document[name] = {key: able[key] for key in ("can", "cannot", "seconds")}
        else:
            document[name] = {"problem": NO_ENGINE.format(host=name)}
    return document


def tables_of_hosts(answered: Mapping[str, Mapping[str, Any]]) -> Iterator[Table | Text]:
    """For a person: who can how much, what not and what would enable it, and of whom that is not known."""
    hosts = {plain(name): item for name, item in sorted(answered.items())}
    known = {name: item for name, item in hosts.items() if "can" in item}
    if known:
        table = open_table("host", ">can run", ">cannot", ">about", uncut=("host",))
        for name, item in list(known.items())[:_LINES_LIMIT]:
            cannot = str(len(item["cannot"]) or "-")
            table.add_row(Text(name), str(len(item["can"])), cannot, duration(float(item["seconds"])))
        yield table
        yield from _more(len(known), "host")
    missing = _missing(known)
    if missing:
        table = open_table("cannot", "on", "why", "what would enable it")
        for (reason, enable), found in list(missing.items())[:_LINES_LIMIT]:
            names = ", ".join(dict.fromkeys(what for what, _ in found))
            on = list(dict.fromkeys(host for _, host in found))
            table.add_row(Text(names), Text(first_of(on)), Text(reason), Text(enable))
        yield table
        yield from _more(len(missing), "reason")
    unknown = {name: str(item["problem"]) for name, item in hosts.items() if "can" not in item}
    for name, problem in list(unknown.items())[:_LINES_LIMIT]:
        sentence = in_one_line(plain(problem), _SENTENCE)
        yield Text(sentence if sentence.startswith(name) else f"{name}: {sentence}")
    yield from _more(len(unknown), "host")


def _missing(known: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """By reason and what would enable it: (row and scenario, host) of each."""
    missing: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for host, item in known.items():
        for cannot in item["cannot"]:
            why, enable = (in_one_line(plain(cannot[key]), _SENTENCE) for key in ("reason", "enable"))
            what = f"{plain(cannot['row'])} {plain(cannot['scenario'])}"
            missing.setdefault((why, enable), []).append((what, host))
    return missing


def _more(number: int, noun: str) -> Iterator[Text]:
    if number > _LINES_LIMIT:
        yield Text(f"… and {number_of(number - _LINES_LIMIT, noun)} more")
