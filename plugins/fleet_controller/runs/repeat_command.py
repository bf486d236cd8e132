"""The command that repeats a scenario, worked out here: what a host sends is not pasted into a shell."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED

COMMAND = ("ansible-playbook", "stress.yml")
#: What was said by -e of the hosts, and of where results are, must be said again; nothing else: it may be a password.
PASSED_ON = (
    "allow_commands",
    "stress_become",
    "stress_dir",
    "stress_python",
    "stress_results_dir",
    "stress_user",
)
#: A value that Ansible reads as it stands in ``name=value``; any other goes as JSON.
_SIMPLE = re.compile(r"[\w./:@,+*~-]+", re.ASCII)
_HEAD = "HEAD"
#: What makes a play fail; the bot's faults are what one came for.
URGENT = (FAILED, NOT_EXERCISED, ERROR)


def repeat(run: Mapping[str, Any], host: str, scenarios: str, command: Sequence[str] = COMMAND) -> str:
    """One line for a shell.

    Args:
        run: ``run.json`` or ``results.json``: ``bot``, ``bot_source`` and ``profile`` are used.
        host: Name in the inventory.
        scenarios: A scenario, or selectors separated by commas.
        command: The words it begins with, inventory and all.
    """
    source = run.get("bot_source") or {}
    ref = source.get("ref")
    wanted = {
        "bot": run.get("bot"),
        "bot_source": source.get("source"),
        "bot_ref": ref if ref != _HEAD else None,
        "profile": run.get("profile"),
        "scenarios": scenarios,
    }
    words = [*command, "-l", host]
    for name, value in wanted.items():
        if value:
            words += ["-e", extra(name, str(value))]
    return shlex.join(words)


def repeats(results: Mapping[str, Any]) -> list[str]:
    """What did not pass, one command each: every scenario once before any scenario comes again from another host."""
    found: dict[str, tuple[int, int]] = {}
    seen: dict[str, int] = {}
    for host in results["hosts"].values():
        for scenario in host["scenarios"]:
            if scenario["verdict"] in URGENT and scenario["repeat"] not in found:
                nth = seen[scenario["scenario"]] = seen.get(scenario["scenario"], 0) + 1
                found[scenario["repeat"]] = (nth, URGENT.index(scenario["verdict"]))
    return sorted(found, key=lambda command: found[command])


def extra(name: str, value: Any) -> str:
    """A variable as one word behind ``-e``: as it stands where Ansible reads it so, else as JSON."""
    simple = isinstance(value, str) and _SIMPLE.fullmatch(value)
    return f"{name}={value}" if simple else json.dumps({name: value})
