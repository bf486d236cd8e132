"""The plan compiler: scenarios, bot profile, profile and host facts in, one JSON plan a host out.

The same command gives the same plan, byte by byte, so that a plan's hash says whether a host already has it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import fleet_stress
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import ONLY_ON, Asked, Compiled, compile_command, digest
from fleet_controller.planning.host_limits import limits as limits_of
from fleet_controller.untrusted.atomic_files import write_atomic

#: Keys of a bot profile that the host has no use for: provisioning has used them on the controller.
_NOT_FOR_HOSTS = ("requirements", "overlay", "homepage", "license", "source", "ended_by", "room")
_STORED = "compiled.json"


def compile_plan(
    *,
    run_id: Any,
    host: Any,
    bot: Any,
    profile: Any,
    scenarios: Any,
    facts: Any,
    stress_dir: Any,
    user: Any,
    copy: Any,
    python: Any,
    source: Any = None,
    results_dir: Any = None,
    limits: Mapping[str, Any] | None = None,
    allow_commands: bool = False,
    point: Any = "",
    enforced: bool = False,
    explain_memory: bool = False,
    failed: Mapping[str, Collection[str]] | None = None,
) -> dict[str, Any]:
    """The plan of one host.

    Args:
        run_id: From ``runs.open_run``; not part of the plan's hash.
        host: The host's name in the inventory.
        bot: Name of a bot profile, or path to one.
        profile: Name of a profile.
        scenarios: Names and selectors; None or empty for all.
        facts: Of the host: ``cores`` and ``memory_mb`` (MiB, of the whole host) are used.
        stress_dir: The folder on the host that is ours.
        user: The unprivileged user that bots run as.
        copy: Folder on the host with the bot's private copy.
        python: The bot's interpreter on the host.
        source: Where the bot came from, as asked; for the record.
        results_dir: Folder of all results. What ``store`` put into that of this run is used, so that all
            hosts get the same, and the catalogue is read once and not by every host.
        limits: What the run may take of the host, as ``limits.limits``: ``floors``, ``lease``, ``bots_at_once``
            and ``evidence``, each None or missing for what is usual.
        allow_commands: Whether scenarios may run commands of their own.
        enforced: Whether scenarios count that are advice by themselves.
        explain_memory: Whether a Python bot tells which of its lines hold memory.
        failed: What the selector ``failed`` means, ids of scenarios by host.
        point: The name of the only point that a step ``visit`` goes to; None or empty for all.

    Raises:
        UserError: Something asked for is wrong; the message names all of it.
    """
    asked = Asked.of(bot, profile, scenarios, allow_commands, point, enforced, explain_memory)
    given = {
        "run_id": run_id,
        "host": host,
        "stress_dir": stress_dir,
        "user": user,
        "copy": copy,
        "python": python,
    }
    for name, value in given.items():
        if not isinstance(value, str) or not value:
            why = "no host could do anything with such a plan"
            raise UserError(f"`{name}` is {value!r}", "compile_plan", why, "run the stages before this one")
    compiled = _stored(asked, Path(str(results_dir), run_id)) if results_dir else None
    if compiled is None:
        compiled = compile_command(*asked, failed=failed)
    return plan_of(compiled, facts=facts, source=source, limits=limits, **given)


def plan_of(
    compiled: Compiled,
    *,
    run_id: str,
    host: str,
    facts: Any,
    stress_dir: str,
    user: str,
    copy: str,
    python: str,
    source: Any = None,
    limits: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The plan of one host from what was compiled for all. Arguments as of ``compile_plan``."""
    scenarios = [_on(host, scenario) for scenario in compiled.scenarios]
    of_bot = {name: item for name, item in compiled.bot.items() if name not in _NOT_FOR_HOSTS}
    plan: dict[str, Any] = {
        "format": 1,
        "host": host,
        "stress_dir": stress_dir,
        "engine_version": fleet_stress.__version__,
        "profile": compiled.asked.profile,
        "allow_commands": compiled.asked.allow_commands,
        "explain_memory": compiled.asked.explain_memory,
        "point": compiled.asked.point or None,
        "bot": {
            **of_bot,
            "asked": compiled.asked.bot,
            "user": user,
            "copy": copy,
            "python": python,
            "source": str(source or ""),
        },
        "limits": limits_of(scenarios, compiled.bot, facts, **(limits or {})),
        "scenarios": scenarios,
    }
    return {**plan, "plan_hash": digest(plan), "run_id": run_id}


def _on(host: str, scenario: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario as this host runs it, or does not."""
    own = {name: value for name, value in scenario.items() if name != ONLY_ON}
    if host in scenario.get(ONLY_ON, [host]):
        return own
    skip = {
        "reason": "it did not fail on this host last time",
        "enable": f"name it: -e scenarios={own['id']}",
    }
    return {**own, "skip": skip, "steps": [], "expect": [], "estimate": 0.0}


def store(compiled: Compiled, run_folder: Path) -> None:
    """Keep it in the run's folder, for the plans of all hosts. Raises OSError."""
    write_atomic(run_folder / _STORED, compiled._asdict())


def _stored(asked: Asked, run_folder: Path) -> Compiled | None:
    """What was stored for this very command, or None."""
    try:
        found = Compiled(**json.loads((run_folder / _STORED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found._replace(asked=asked) if list(found.asked) == list(asked) else None
