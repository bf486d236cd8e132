"""What an earlier run provisioned on a host, and whether it is all there, so that nothing need be brought again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any


def stress_provision_stamp(
    facts: Mapping[str, Any], asked: Mapping[str, Any], bot: Mapping[str, Any]
) -> dict[str, Any]:
    """The ``key`` of the stamp of all that this run needs, and what is ``provisioned`` of it: all, or nothing.

    Args:
        facts: What ``stress_look`` returned.
        asked: What ``stress_compile`` returned.
        bot: The operator's variables about the bot, and ``content`` of its archive (empty for a bot that lies on
            the host, where it may be another one every time).
    """
    key = _key(facts, asked, bot)
    return {"key": key, "provisioned": _provisioned(facts, key)}


def _key(facts: Mapping[str, Any], asked: Mapping[str, Any], bot: Mapping[str, Any]) -> str:
    """A name for all that decides what is provisioned; empty where only the host itself can tell."""
    if not bot.get("content") or not facts.get("stress_dir"):
        return ""
    of_host = [facts[name] for name in ("stress_dir", "platform", "python", "python_exe", "user", "as_root")]
    profile = asked["bot"]
    of_bot = [profile[name] for name in ("name", "overlay", "requirements", "argv", "companions")]
    text = json.dumps([asked["engine"], of_host, of_bot, dict(bot)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _provisioned(facts: Mapping[str, Any], key: str) -> dict[str, str]:
    """``engine_python``, ``bot_copy`` and ``bot_python`` of the stamp; empty unless all of them are complete.

    The engine has to be the one in use, and the bot's copy unchanged.
    """
    stamp = facts.get("provisioned", {}).get(key) if key else None
    if not stamp or stamp.get("touched", True) or not facts["user_exists"]:
        return {}
    paths = {
        name: PurePosixPath(str(stamp.get(name, ""))) for name in ("engine_python", "bot_copy", "bot_python")
    }
    engine, environment = (paths[name].parent.parent.name for name in ("engine_python", "bot_python"))
    complete = (
        engine in facts["engines"]
        and PurePosixPath(facts["engine_current"]).name == engine
        and paths["bot_copy"].name in facts["bots"]
        and environment in facts["environments"]
    )
    return {name: str(path) for name, path in paths.items()} if complete else {}


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter of this file."""
        return {"stress_provision_stamp": stress_provision_stamp}
