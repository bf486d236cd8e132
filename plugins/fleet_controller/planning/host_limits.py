"""What a run may take of a host, and what it leaves to it: the plan's ``limits``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from fleet_controller.messages.errors import UserError, did_you_mean, listed

EVIDENCE_BYTES = 20_000_000
EVIDENCE = ("all", "not_passed")
#: What a run may take beside its scenarios, one after the other. Seconds.
_RUN_MARGIN = 600.0
#: How much longer than a run its lease is: it has ended by itself and undone by then. Seconds.
_LEASE_MARGIN = 600.0


def limits(
    scenarios: Iterable[Mapping[str, Any]],
    bot: Mapping[str, Any],
    facts: Any,
    *,
    floors: Any = None,
    lease: Any = None,
    bots_at_once: Any = None,
    evidence: Any = None,
) -> dict[str, Any]:
    """The limits of one host's plan.

    Args:
        scenarios: Of the plan.
        bot: Its profile.
        facts: Of the host: ``cores`` and ``memory_mb`` (MiB, of the whole host) are used.
        floors: What must be free before a run, ``disk_mb`` and ``memory_mb`` (MiB): half of it must stay so
            while it goes on.
        lease: Seconds after which the host's watchdog ends the run, whoever hangs; None or 0: the plan's own
            time and a margin.
        bots_at_once: So many bots side by side at most; None or 0: as many as its facts carry.
        evidence: ``all`` (None too), or ``not_passed``: copies of files only of what did not pass.

    Raises:
        UserError: One of them is no amount, or no word that there is.
    """
    run_within = sum(scenario["within"] for scenario in scenarios) + _RUN_MARGIN
    return {
        "bots_at_once": _bots_at_once(bot, facts, bots_at_once),
        "run_within": run_within,
        "lease": _amount("lease", lease) or run_within + _LEASE_MARGIN,
        "evidence_bytes": EVIDENCE_BYTES,
        "evidence": _evidence(evidence),
        **_kept_free(floors),
    }


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
        f"{item}_floor_mb": _amount(f"the floor of {item}", asked.get(f"{item}_mb")) / 2
        for item in ("disk", "memory")
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
