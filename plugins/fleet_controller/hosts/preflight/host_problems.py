"""All that speaks against a host, at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_controller.hosts.preflight.folders import folder_problems, others
from fleet_controller.hosts.preflight.problem import Problem, problem
from fleet_controller.hosts.preflight.room import disk_problems, memory_problems
from fleet_controller.hosts.preflight.users import user_problems


def host_problems(
    facts: Mapping[str, Any],
    asked_dir: str,
    bot_source: str = "",
    may_create_user: bool = True,
    disk_floor_mb: int = 500,
    memory_floor_mb: int = 0,
) -> list[Problem]:
    """All problems of a host, from what ``stress_facts`` returned.

    Args:
        facts: What the module returned.
        asked_dir: ``stress_dir`` as it was asked for.
        bot_source: ``bot_source`` as it was asked for.
        may_create_user: Whether a missing user may be made.
        disk_floor_mb: So much disk (MiB) must be free.
        memory_floor_mb: So much memory (MiB) must be available.
    """
    problems = [*_halted(facts), *user_problems(facts, may_create=may_create_user)]
    if facts["stress_dir"]:
        problems += [*folder_problems(facts), *disk_problems(facts, disk_floor_mb), *others(facts)]
    else:
        problems.append(
            problem(
                "a relative stress_dir is for local hosts only",
                f"stress_dir {asked_dir}",
                "on another host there is no project folder that it could count from",
                "give an absolute path, or one that begins with ~",
            )
        )
    problems += memory_problems(facts, memory_floor_mb)
    if not facts["bot_folder_exists"]:
        problems.append(
            problem(
                "the bot's source is not a folder on this host",
                f"bot_source {bot_source}",
                "the bot's code is copied from there",
                "correct bot_source, or bring the bot there first",
            )
        )
    return problems


def _halted(facts: Mapping[str, Any]) -> Iterable[Problem]:
    halted = facts.get("halted")
    if halted:
        yield problem(
            f"this host is halted: {halted['reason']}",
            f"by {halted['by']}, since {halted['since']}",
            "nothing may begin on it until somebody releases it",
            "ask there first; then: ansible-playbook playbooks/halt.yml -e release=true",
        )
