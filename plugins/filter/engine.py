"""What stands on a host already, and which hosts have an engine to ask."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any


def stress_provision_key(facts: Mapping[str, Any], asked: Mapping[str, Any], bot: Mapping[str, Any]) -> str:
    """A name for all that decides what is provisioned; empty where only the host itself can tell.

    Args:
        facts: What ``stress_look`` returned.
        asked: What ``stress_compile`` returned.
        bot: The operator's variables about the bot, and ``content`` of its archive (empty for a bot that lies on
            the host, where it may be another one every time).
    """
    if not bot.get("content") or not facts.get("stress_dir"):
        return ""
    of_host = [facts[name] for name in ("stress_dir", "platform", "python", "python_exe", "user", "as_root")]
    profile = asked["bot"]
    of_bot = [profile[name] for name in ("name", "overlay", "requirements", "argv", "companions")]
    text = json.dumps([asked["engine"], of_host, of_bot, dict(bot)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def stress_stands(facts: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What was written down when all of this stood (the ``engine_python``, ``bot_copy``, ``bot_python``).

    Empty unless all of it stands still, and the engine is the one that is in use.
    """
    stamp = facts.get("provisioned", {}).get(key) if key else None
    if not stamp or stamp.get("touched", True) or not facts["user_exists"]:
        return {}
    names = {
        name: PurePosixPath(str(stamp.get(name, ""))) for name in ("engine_python", "bot_copy", "bot_python")
    }
    engine, environment = (names[name].parent.parent.name for name in ("engine_python", "bot_python"))
    current = PurePosixPath(facts["engine_current"]).name
    there = (
        engine in facts["engines"]
        and current == engine
        and names["bot_copy"].name in facts["bots"]
        and environment in facts["environments"]
    )
    return {name: str(path) for name, path in names.items()} if there else {}


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
            "stress_hosts_to_verify": stress_hosts_to_verify,
            "stress_provision_key": stress_provision_key,
            "stress_stands": stress_stands,
        }
