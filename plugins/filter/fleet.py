"""Which hosts a play is for, which it may touch, and what became of them: for ``hosts:``, ``when`` and reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fleet_controller.ansible import before_plays, strangers
from fleet_controller.hosts.targets import held_back, refusal, targets
from fleet_controller.messages.dropped_output import drop_what_nobody_takes
from fleet_controller.messages.errors import UserError
from fleet_controller.messages.unreachable import lost, why_not_finished


def stress_targets(groups: Mapping[str, Sequence[str]], limit: Any = "all", part: Any = "1/1") -> list[str]:
    """The hosts of a play, as ``fleet_controller.hosts.targets.targets``; what is wrong stops before any play.

    Every play that goes to hosts asks here first, so from here on no host is taken for a friend.
    """
    strangers.beware()
    drop_what_nobody_takes()  # for those who use another callback than ours
    try:
        strangers.refuse_facts_as_variables()
        before_plays.refuse_options()
        return targets(groups, limit, part)
    except UserError as problem:
        before_plays.refuse(problem)


def stress_refusal(host: str, allowed: bool, groups: Sequence[str], **more: Any) -> str:
    """Why a host may not be touched; as ``fleet_controller.hosts.targets.refusal``."""
    return refusal(str(host), allowed=allowed, groups=groups, **more)


def stress_held_back(host: str, hosts: Iterable[Mapping[str, Any]], percentage: float) -> str:
    """Why a host is left alone because others are in trouble. ``hosts``: the variables of all of them."""
    everyone = list(hosts)
    troubled = [str(item["inventory_hostname"]) for item in everyone if item.get("stress_problem")]
    return held_back(str(host), len(everyone), troubled, float(percentage))


def stress_lost(result: Any, steps: Iterable[Any] = ()) -> bool:
    """Whether what failed, failed because the host could not be reached. ``steps``: what its tasks registered."""
    return lost(result) or any(lost(step) for step in steps)


def stress_why(result: Any, host: str, steps: Iterable[Any] = ()) -> str:
    """Why a host was not brought to its end, as one text: from the task that failed, or the link that broke."""
    return why_not_finished(result, str(host), steps)


def stress_troubles(hosts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """From the variables of all hosts: ``problems``, a text by host, and ``unreachable``, names."""
    problems: dict[str, str] = {}
    unreachable: list[str] = []
    for host in hosts:
        name = str(host["inventory_hostname"])
        cleaning = host.get("stress_recovered")
        if host.get("stress_problem"):
            problems[name] = str(host["stress_problem"])
        elif lost(cleaning):
            problems[name] = why_not_finished(cleaning, name)
        if host.get("stress_unreachable") or lost(cleaning):
            unreachable.append(name)
    return {"problems": problems, "unreachable": unreachable}


def stress_rehearsed(hosts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """From the variables of all hosts: what ``stress_plan`` said in check mode, by host."""
    return {
        str(host["inventory_hostname"]): dict(host["stress_planned"]) for host in hosts if _rehearsed(host)
    }


def _rehearsed(item: Mapping[str, Any]) -> bool:
    return not item.get("stress_problem") and "runs" in (item.get("stress_planned") or {})


def stress_hosts_to_verify(hosts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """From the variables of all hosts: what ``stress_verify`` takes, of those that were used."""
    found = []
    for host in hosts:
        facts = host.get("stress_facts")
        if not facts or not facts.get("stress_dir") or host.get("stress_problem"):
            continue
        usual = f"{facts['stress_dir']}/engine/current/bin/python"
        found.append(
            {
                "name": host["inventory_hostname"],
                "stress_dir": facts["stress_dir"],
                "user": facts["user"],
                "engine_python": host.get("stress_engine_python", usual),
                "become": bool(facts.get("become_now", False)),
            }
        )
    return found


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {
            "stress_held_back": stress_held_back,
            "stress_hosts_to_verify": stress_hosts_to_verify,
            "stress_lost": stress_lost,
            "stress_refusal": stress_refusal,
            "stress_rehearsed": stress_rehearsed,
            "stress_targets": stress_targets,
            "stress_troubles": stress_troubles,
            "stress_why": stress_why,
        }
