"""The folder on the host that is to be ours, the way to it, and who else is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fleet_controller.hosts.preflight.problem import Problem, problem
from fleet_controller.hosts.preflight.system_folders import of_the_system


def folder_problems(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """That ``stress_dir`` cannot be ours, or cannot be used as what it is for."""
    folder, base = facts["stress_dir"], facts["base"]
    where = f"stress_dir {folder}"
    tree = of_the_system(folder, facts.get("system", ""))
    if tree or base["homes"]:
        homes = ", ".join(base["homes"])
        yield problem(
            "that folder cannot be ours: "
            + (f"it is or holds a home ({homes})" if homes else f"{tree} belongs to the system"),
            where,
            "everything below stress_dir may be deleted by us",
            "name a folder of its own, such as /var/lib/fleet-stress",
        )
        return
    if not base["is_folder"]:
        yield problem(
            f"{base['path']} is not a folder",
            where,
            "nothing can be made there",
            "name a folder that is empty or does not exist",
        )
        return
    yield from open_folders(facts)
    if facts["state"] == "foreign":
        yield problem(
            "that folder is not ours: it has content, and no valid marker .fleet-stress",
            where,
            "everything below stress_dir may be deleted by us",
            "name a folder that is empty or does not exist",
        )
    if base["closed_at"]:
        yield problem(
            f"user {facts['user']} cannot get there: {base['closed_at']} is closed to it",
            where,
            "bots run as that user, from copies below stress_dir",
            f"choose another stress_dir, or open the way: chmod o+x {base['closed_at']}",
        )
    for word in base["mounted"]:
        yield problem(
            f"its file system is mounted {word}",
            where,
            "environments are written there, and run from there",
            "choose a stress_dir on another file system",
        )
    yield from not_writable(facts)


def open_folders(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """Folders on the way to ``stress_dir`` that others may change: they could put there what root runs."""
    for item in facts["base"].get("open") or ():
        yield problem(
            f"{item['path']} is not closed: {item['why']}",
            f"stress_dir {facts['stress_dir']}",
            "whoever may change a folder on that path can put there what root, or the login, then runs",
            "name a folder that root or the login owns, and everything above it too, such as /var/lib/fleet-stress;"
            f" or make and close it: mkdir -p {item['path']}; chown root {item['path']}; chmod go-w {item['path']}",
        )


def not_writable(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """That the login may not write where ``stress_dir`` is, or is to be: without root, and root made it before."""
    base, ours = facts["base"], facts["state"] == "ours"
    if not base["writable"] and not base["mounted"]:
        yield problem(
            f"{facts['login']} may not write to {base['path']}",
            f"stress_dir {facts['stress_dir']}",
            "it was provisioned by root before, and is root's" if ours else "the folder is to be made there",
            "choose a stress_dir of your own (-e stress_dir='~/fleet-stress'), or allow root (stress_become=true)",
        )


def others(facts: Mapping[str, Any]) -> Iterable[Problem]:
    """Living processes that use the folder, or one above or below it."""
    folder = facts["stress_dir"]
    for other in facts["others"]:
        path, lies = other["path"], other["lies"]
        how = "equal to" if lies == "equal" else lies
        yield problem(
            f"a living process uses {path} ({other['variable']}), which is {how} stress_dir {folder}"
            if other["variable"]
            else f"a living process that is not ours writes below stress_dir: {path}",
            f"process {other['pid']} ({other['name']})",
            "a stress run never shares a folder with something that lives",
            "choose another stress_dir (-e stress_dir=/…), or end that process first",
        )
