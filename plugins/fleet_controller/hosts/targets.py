"""Which hosts a command means, and which of them it may touch: decided before anything is connected to.

The same inventory and the same words give the same names on every controller: that is what makes slices of
several controllers fit together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.inventory.manager import InventoryManager, split_host_pattern

from fleet_controller.messages.errors import UserError, listed
from fleet_controller.messages.same_name import alike
from fleet_controller.messages.text import number_of

_SLICE = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})")
#: Begins what an operator says to mean a production host after all.
YES = "yes-"


def targets(groups: Mapping[str, Sequence[str]], limit: Any = "all", part: Any = "1/1") -> list[str]:
    """Names of the hosts, sorted: those that ``--limit`` leaves, and of them the slice.

    Args:
        groups: The hosts of each group of the inventory, as Ansible's variable ``groups``.
        limit: Ansible's variable ``ansible_limit``: patterns, or ``@file`` with a pattern a line.
        part: ``k/n``: of the sorted names every n-th, beginning with the k-th. As AWX slices a job.

    Raises:
        UserError: No host is meant, the slice is none, or two names differ in upper and lower case only.
            An empty target proves nothing, so it is no success.
    """
    nth, of = _slice(part)
    inventory = InventoryManager(None, parse=False)
    for group, hosts in groups.items():
        inventory.add_group(str(group))
        for host in hosts:
            inventory.add_host(str(host), group=str(group))
    everyone = sorted(host.name for host in inventory.get_hosts(pattern="all"))
    names = sorted({host.name for host in inventory.get_hosts(pattern=_patterns(limit) or "all")})
    if not names:
        there = (
            f"it has {listed(everyone[:10])}{' …' if len(everyone) > 10 else ''}"
            if everyone
            else "there is none in it"
        )
        do = "give an inventory that has hosts (-i), or correct the limit (-l)"
        raise UserError("no host is meant", f"--limit {limit}" if everyone else "the inventory", there, do)
    chosen = names[nth - 1 :: of]
    if not chosen:
        why = f"{number_of(len(names), 'host')} cannot fill {of} slices: this one is empty"
        do = f"take fewer slices: at most {len(names)}"
        raise UserError("no host is meant", f"slice {part}", why, do)
    for item, other in alike(chosen):
        why = "a file system such as macOS's takes them for one name, and the results of both would lie in one folder"
        raise UserError(
            "two hosts differ in upper and lower case only", f"{item}, {other}", why, "rename one of them"
        )
    return chosen


def refusal(
    host: str,
    *,
    allowed: bool,
    groups: Sequence[str] = (),
    production_groups: Sequence[str] = (),
    production: bool = False,
    given: Any = "",
) -> str:
    """Why a host may not be touched, with what to do; empty: it may.

    Args:
        host: Its name in the inventory.
        allowed: Its ``stress_allowed``.
        groups: The groups that it is in.
        production_groups: Groups whose hosts are production.
        production: Its ``stress_production``.
        given: ``-e production=``: ``yes-`` and a host or one of its production groups; several with commas.
    """
    if not allowed:
        return (
            f"{host} is not to be stressed, and was not touched: its inventory does not say `stress_allowed: true`."
            f" Say so there if it is a test host, or leave it out with -l '!{host}'."
        )
    marks = [group for group in production_groups if group in groups]
    if not marks and not production:
        return ""
    words = [word.strip() for word in str(given or "").split(",")]
    if any(f"{YES}{item}" in words for item in (host, *marks)):
        return ""
    why = f"is in the group {' and '.join(marks)}" if marks else "has the variable `stress_production: true`"
    for_all = f", or for all of its group: -e production={YES}{marks[0]}" if marks else ""
    return (
        f"{host} is production, and was not touched: it {why}. If you mean it, type"
        f" -e production={YES}{host}{for_all}. Otherwise leave it out with -l '!{host}'."
    )


def held_back(host: str, hosts: int, troubled: Sequence[str], percentage: float) -> str:
    """Why a host is left alone because others are in trouble; empty: its turn has come.

    Args:
        host: Its name.
        hosts: How many hosts there are in all.
        troubled: Names of those that have a problem already.
        percentage: More than so many percent of all hosts may not have one (``stress_max_fail_percentage``).
    """
    if not hosts or 100 * len(troubled) / hosts <= percentage:
        return ""
    some = listed(sorted(troubled)[:3])
    return (
        f"{host} was left alone: {len(troubled)} of {hosts} hosts have a problem already ({some}), which is more"
        f" than stress_max_fail_percentage ({percentage:g}). Look at those first, then run again."
    )


def _slice(part: Any) -> tuple[int, int]:
    words = _SLICE.fullmatch(str(part).strip())
    nth, of = (int(words[1]), int(words[2])) if words else (0, 0)
    if not words or nth > of:
        why = "it is k/n: the k-th of n slices, k from 1 to n"
        raise UserError(f"`{part}` is no slice", "slice", why, "write -e slice=2/4, for example")
    return nth, of


def _patterns(limit: Any) -> list[str]:
    """A limit as Ansible reads it: patterns, of which ``@file`` is as many as that file has lines."""
    patterns: list[str] = []
    for word in split_host_pattern(limit):
        if not word.startswith("@"):
            patterns.append(word)
            continue
        try:
            lines = Path(word[1:]).read_text(encoding="utf-8").splitlines()
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or str(problem)
            raise UserError("the limit's file cannot be read", word[1:], why, "correct -l @FILE") from problem
        patterns += [line.strip() for line in lines if line.strip()]
    return patterns
