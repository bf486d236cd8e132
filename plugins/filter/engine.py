"""What a host needs of the wheels that the controller has gathered, and which hosts have an engine to ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any


def stress_wheels(
    gathered: Mapping[str, Any], platform: str, stress_dir: str, stored: Sequence[str]
) -> dict[str, Any]:
    """Where a host's wheels lie, there and here.

    Args:
        gathered: Result of the task that ran ``gather_wheels.py``.
        platform: Of the host: ``system/machine/libc``.
        stress_dir: The folder on the host that is ours.
        stored: What the host has already, relative to ``stress_dir``.

    Returns:
        ``problem`` (empty if there is none), ``source`` (folder on the controller), ``folder`` on the host,
        names of the wheels that are ``missing`` there, and the paths of ``pip`` and of all ``others`` there.
    """
    try:
        wheels = json.loads(gathered.get("stdout") or "{}").get(platform)
    except ValueError:
        wheels = None
    if wheels is None:
        told = str(gathered.get("stderr") or gathered.get("msg") or "nothing was said").strip()
        wheels = {"error": f"gathering wheels on the controller failed: {told}"}
    if "error" in wheels:
        return {"problem": wheels["error"]}
    relative = f"wheels/{wheels['key']}"
    folder = f"{stress_dir}/{relative}"
    pip = [name for name in wheels["files"] if name.startswith("pip-")]
    return {
        "problem": "",
        "source": wheels["folder"],
        "folder": folder,
        "missing": [name for name in wheels["files"] if f"{relative}/{name}" not in stored],
        "pip": f"{folder}/{pip[0]}",
        "others": [f"{folder}/{name}" for name in wheels["files"] if name not in pip],
    }


def stress_hosts_to_verify(hosts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """From the variables of all hosts: what ``stress_verify`` takes, of those that were used."""
    found = []
    for one in hosts:
        facts = one.get("stress_facts")
        if not facts or "stress_dir" not in facts or one.get("stress_problem"):
            continue
        usual = f"{facts['stress_dir']}/engine/current/bin/python"
        found.append(
            {
                "name": one["inventory_hostname"],
                "stress_dir": facts["stress_dir"],
                "user": facts["user"],
                "engine_python": one.get("stress_engine_python", usual),
                "become": bool(one.get("stress_become_now", False)),
            }
        )
    return found


class FilterModule:
    """Named to Ansible."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"stress_hosts_to_verify": stress_hosts_to_verify, "stress_wheels": stress_wheels}
