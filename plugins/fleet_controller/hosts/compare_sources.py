"""The two versions of a bot that an operator wants compared, looked at before either is run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.bot_source import resolve_source, without_secret
from fleet_controller.messages.errors import Problem, Problems, UserError

WHICH = ("old", "new")


def asked_pair(asked: Mapping[str, Any], bot: dict[str, Any], project: Project) -> list[dict[str, str]]:
    """Where the old and the new version are.

    Args:
        asked: ``old``, ``new`` (sources as of ``bot_source``; empty with a ref takes the profile's own), ``old_ref``
            and ``new_ref``.
        bot: The bot's profile.
        project: Relative paths count from its operator's folder.

    Raises:
        UserError: One is missing or is no source, or both are the same; all of it at once.
    """
    problems, found = Problems(), []
    for which in WHICH:
        source, ref = asked.get(which), asked.get(f"{which}_ref")
        if not source and not ref:
            do = f"write -e {which}=/folder, a git address, or host:/folder/on/each/host"
            problems.add(f"`{which}` is missing", which, "two versions of a bot are compared", do)
            continue
        try:
            found.append(resolve_source(source, ref, bot, project))
        except UserError as error:
            for problem in error.problems:
                where = {"bot_source": which, "bot_ref": f"{which}_ref"}.get(problem.where, problem.where)
                remedy = problem.do.replace("bot_source", which).replace("bot_ref", f"{which}_ref")
                problems.extend(UserError.of([Problem(problem.what, where, problem.why, remedy)]))
    problems.raise_any()
    if _place(found[0]) == _place(found[1]):
        do = "name two versions: two folders, or -e old_ref= and -e new_ref= of a git address"
        where = without_secret(found[1])["source"]
        raise UserError("old and new are the same", where, "nothing can be compared with itself", do)
    return found


def _place(source: Mapping[str, str]) -> tuple[str, ...]:
    """What two words for the same source have in common."""
    if source["kind"] == "controller":
        return ("controller", str(Path(source["path"]).resolve()))
    return (source["kind"], source["source"].rstrip("/"), source.get("ref", ""))
