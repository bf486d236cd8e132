"""The plan compiler: scenarios, bot profile, profile and host facts in, one JSON plan a host out.

The same command gives the same plan, byte by byte, so that a plan's hash says whether a host already has it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import fleet_stress
from fleet_controller import schema
from fleet_controller.command import Asked, Compiled, compile_command, digest
from fleet_controller.errors import UserError, did_you_mean, listed
from fleet_controller.files import write_atomic

EVIDENCE_BYTES = 20_000_000
EVIDENCE = ("all", "not_passed")
#: What a run may take beside its scenarios, one after the other. Seconds.
_RUN_MARGIN = 600.0
#: How much longer than a run its lease is: it has ended by itself and undone by then. Seconds.
_LEASE_MARGIN = 600.0
#: Keys of a bot profile that the host has no use for: provisioning has used them on the controller.
_NOT_FOR_HOSTS = ("requirements", "overlay", "homepage", "license", "source")
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
    floors: Any = None,
    lease: Any = None,
    bots_at_once: Any = None,
    evidence: Any = None,
    allow_commands: bool = False,
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
        floors: What must be free before a run, ``disk_mb`` and ``memory_mb`` (MiB): half of it must stay so
            while it goes on.
        evidence: ``all`` (None too), or ``not_passed``: copies of files only of what did not pass.
        bots_at_once: So many bots side by side at most; None or 0: as many as its facts carry.
        lease: Seconds after which the host's watchdog ends the run, whoever hangs; None or 0: the plan's own
            time and a margin.
        allow_commands: Whether scenarios may run commands of their own.

    Raises:
        UserError: Something asked for is wrong; the message names all of it.
    """
    asked = Asked.of(bot, profile, scenarios, allow_commands)
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
        compiled = compile_command(*asked)
        _check(compiled)
    return plan_of(
        compiled,
        facts=facts,
        source=source,
        floors=floors,
        lease=lease,
        bots_at_once=bots_at_once,
        evidence=evidence,
        **given,
    )


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
    floors: Any = None,
    lease: Any = None,
    bots_at_once: Any = None,
    evidence: Any = None,
) -> dict[str, Any]:
    """The plan of one host from what was compiled for all. Arguments as of ``compile_plan``."""
    run_within = sum(one["within"] for one in compiled.scenarios) + _RUN_MARGIN
    of_bot = {name: one for name, one in compiled.bot.items() if name not in _NOT_FOR_HOSTS}
    plan: dict[str, Any] = {
        "format": 1,
        "host": host,
        "stress_dir": stress_dir,
        "engine_version": fleet_stress.__version__,
        "profile": compiled.asked.profile,
        "allow_commands": compiled.asked.allow_commands,
        "bot": {
            **of_bot,
            "asked": compiled.asked.bot,
            "user": user,
            "copy": copy,
            "python": python,
            "source": str(source or ""),
        },
        "limits": {
            "bots_at_once": _bots_at_once(compiled.bot, facts, bots_at_once),
            "run_within": run_within,
            "lease": _amount("lease", lease) or run_within + _LEASE_MARGIN,
            "evidence_bytes": EVIDENCE_BYTES,
            "evidence": _evidence(evidence),
            **_kept_free(floors),
        },
        "scenarios": compiled.scenarios,
    }
    return {**plan, "plan_hash": digest(plan), "run_id": run_id}


def store(compiled: Compiled, run_folder: Path) -> None:
    """Keep it in the run's folder, for the plans of all hosts. Raises UserError, and OSError."""
    _check(compiled)
    write_atomic(run_folder / _STORED, compiled._asdict())


def _check(compiled: Compiled) -> None:
    """The last look before it leaves, as a plan. Raises UserError where no host could understand it."""
    nothing = dict.fromkeys(("run_id", "host", "stress_dir", "user", "copy", "python"), "0")
    plan = plan_of(compiled, facts={"cores": 1, "memory_mb": 1}, **nothing)
    for error in Draft202012Validator(schema.stored("plan")).iter_errors(plan):
        where = "plan." + ".".join(map(str, error.absolute_path))
        why = "schemas/plan.schema.json does not allow it: a mistake of fleet-stress"
        raise UserError(error.message[:300], where, why, "report this")


def _stored(asked: Asked, run_folder: Path) -> Compiled | None:
    """What was stored for this very command, or None."""
    try:
        found = Compiled(**json.loads((run_folder / _STORED).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found._replace(asked=asked) if list(found.asked) == list(asked) else None


def _bots_at_once(bot: Mapping[str, Any], facts: Any, at_most: Any = None) -> int:
    """As many as cores and half of the memory carry, not more than asked for, and one in any case."""
    wanted = {}
    for name in ("cores", "memory_mb"):
        value = facts.get(name) if isinstance(facts, Mapping) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            why = f"`{name}` is {value!r}, and how many bots run side by side follows from it"
            raise UserError(
                "the host's facts are not complete", "facts", why, "collect them with stress_facts"
            )
        wanted[name] = float(value)
    # A hundredth more, so that 1 / 0.1 is 10 whatever the last binary digit says.
    by_cores = math.floor(wanted["cores"] / bot["cpu_share"] + 0.01)
    by_memory = math.floor(wanted["memory_mb"] / 2 / bot["memory_mb"] + 0.01)
    asked = _amount("bots_at_once", at_most) or math.inf
    return max(1, int(min(by_cores, by_memory, asked)))


def _evidence(asked: Any) -> str:
    """Of which scenarios copies of files are brought. Raises UserError."""
    word = str(asked or EVIDENCE[0])
    if word not in EVIDENCE:
        why = f"there is: {listed(EVIDENCE)}"
        raise UserError(f"unknown word `{word}`", "stress_evidence", why, did_you_mean(word, EVIDENCE))
    return word


def _kept_free(floors: Any) -> dict[str, float]:
    """What must stay free on the host during the run, MiB."""
    asked = floors if isinstance(floors, Mapping) else {}
    return {
        f"{one}_floor_mb": _amount(f"the floor of {one}", asked.get(f"{one}_mb")) / 2
        for one in ("disk", "memory")
    }


def _amount(name: str, value: Any) -> float:
    """A number of seconds or MiB, 0 for none. Raises UserError."""
    try:
        found = float(value or 0)
    except (TypeError, ValueError):
        found = math.nan
    if not 0 <= found < math.inf:
        do = "write a number, or 0 for what is usual"
        raise UserError(f"{name} is {value!r}", "the plan's limits", "that is no amount", do)
    return found
