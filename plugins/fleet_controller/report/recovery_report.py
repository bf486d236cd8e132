"""What operators are told of hosts that they have recovered, halted or looked at: sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from fleet_controller.messages.unreachable import lost, why_not_finished
from fleet_controller.report.sparkline import curves

Variables = Mapping[str, Any]
#: Names below ``stress_dir``: what may be left is written down there.
_JOURNALS = ("runs", "by_hand")


def has_engine(facts: Variables) -> bool:
    """Whether a whole engine is in use on a host, from what ``stress_look`` returned."""
    return PurePosixPath(str(facts.get("engine_current") or "")).name in (facts.get("engines") or ())


def lacks_engine(facts: Variables) -> bool:
    """Whether a host has journals of ours, and no whole engine that could undo what they say."""
    return not has_engine(facts) and any(name in (facts.get("entries") or ()) for name in _JOURNALS)


def found(
    hosts: Iterable[Variables],
    *,
    looked_only: bool = False,
    halted: bool | None = None,
    problems_only: bool = False,
) -> dict[str, dict[str, Any]]:
    """What was found, by host: ``lines``, and ``problem`` (empty if there is none).

    Args:
        hosts: Ansible's variables of each: ``stress_facts``, ``stress_recovered`` and ``stress_problem`` are used.
        looked_only: Nothing was undone: the sentences say what would be.
        halted: Whether they have been halted just now (False: released); None: neither.
        problems_only: Nothing is said of hosts that are well.
    """
    document = {}
    for host in hosts:
        name = str(host["inventory_hostname"])
        problem = _problem(host, name)
        lines = [] if problem or problems_only else list(_lines(host, looked_only=looked_only, halted=halted))
        document[name] = {"lines": lines, "problem": problem}
    return document


def _problem(variables: Variables, name: str) -> str:
    if variables.get("stress_problem"):
        return str(variables["stress_problem"])
    seen = (variables.get("stress_facts"), variables.get("stress_recovered"))
    return next((why_not_finished(result, name) for result in seen if lost(result)), "")


def _lines(variables: Variables, *, looked_only: bool, halted: bool | None) -> Iterator[str]:
    facts, recovered = variables.get("stress_facts") or {}, variables.get("stress_recovered") or {}
    looked = "undone" in recovered  # a task that was skipped registers as well
    standing = facts.get("halted")
    if halted is True:
        yield "halted"
    elif halted is False:
        yield "released" if standing else "was not halted"
    elif standing:
        yield f"halted since {standing['since']} by {standing['by']}: {standing['reason']}"
    if lacks_engine(facts):
        yield (
            "its engine is missing, and what its runs have left not known; playbooks/recover.yml brings one and undoes"
            if looked_only or halted is not None
            else "its engine was missing, and brought to undo with"
        )
    verb = "would be undone" if looked_only else "undone"
    yield from (f"{verb}: {sentence}" for sentence in recovered.get("undone") or ())
    yield from (f"damaged, and skipped: {sentence}" for sentence in recovered.get("damaged") or ())
    alive = recovered.get("alive")
    if alive:
        yield (
            f"alive, and left alone: run {alive.get('run_id', '?')} (pid {alive.get('pid', '?')})"
            f" since {alive.get('since', '?')}"
        )
        yield from curves(recovered.get("sampled"))
    for what, left in (recovered.get("held") or {}).items():
        yield f"held by hand, and left alone: {what}, for {left:.0f} s more"
    quiet = not any(recovered.get(name) for name in ("undone", "damaged", "held", "alive"))
    if quiet and halted is None and (looked or not lacks_engine(facts)):
        yield "nothing was left" if facts.get("state") == "ours" else "nothing of ours is there"
