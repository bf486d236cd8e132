"""Where a bot's code is: a folder of the controller, a folder of each host, or a git repository."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fleet_controller.catalogue.project import Project
from fleet_controller.messages.errors import UserError

HOST = "host:"
_HEAD = "HEAD"
_SECRET = re.compile(r"//[^/@\s]+@")
_SCP_LIKE = re.compile(r"[\w.-]+@[\w.-]+:")


def without_secret(source: Mapping[str, str]) -> dict[str, str]:
    """A source for the record: a git address may carry a password."""
    return {name: _SECRET.sub("//***@", value) for name, value in source.items()}


def is_git(source: str) -> bool:
    """Whether a source is the address of a repository rather than a folder."""
    return "://" in source or source.endswith(".git") or bool(_SCP_LIKE.match(source))


def resolve_source(asked: Any, ref: Any, bot: dict[str, Any], project: Project) -> dict[str, str]:
    """Where to take the bot from: ``kind`` is ``controller``, ``host`` or ``git``, ``source`` the whole word.

    ``asked`` is what the operator said, else the bot profile's own ``source`` counts. With ``kind`` come
    ``path`` (absolute), or ``url`` and ``ref``. Relative paths count from the operator's folder. Raises
    UserError: nothing is named, a folder of the controller is not there, a ref without a repository.
    """
    source = asked or bot["source"]
    if not isinstance(source, str) or not isinstance(ref or "", str):
        wrong = source if not isinstance(source, str) else ref
        raise UserError(f"{wrong!r} is no address", "bot_source", "it is text", "write -e bot_source=/folder")
    source, ref = source.strip(), (ref or _HEAD).strip()
    if not source:
        do = "name one: -e bot_source=/folder, host:/folder/on/each/host or a git address"
        raise UserError(
            f"nobody says where the bot {bot['name']} is", "bot_source", "its profile names no source", do
        )
    if not source.startswith(HOST) and is_git(source):
        return {"kind": "git", "source": source, "url": source, "ref": ref}
    if ref not in ("", _HEAD):
        why = f"bot_source is a folder ({source}), and what lies there is taken"
        raise UserError(
            f"bot_ref {ref!r} names nothing", "bot_ref", why, "give a git address, or leave bot_ref out"
        )
    if source.startswith(HOST):
        path = source.removeprefix(HOST)
        if not path.startswith("/"):
            do = f"write {HOST}/whole/path"
            raise UserError(f"{source} is no whole path", "bot_source", "a host knows no folder of yours", do)
        return {"kind": "host", "source": source, "path": path}
    try:
        folder = project.of_caller(source)
        there = folder.is_dir()
    except (OSError, RuntimeError, ValueError) as problem:
        raise UserError(f"{source!r} is no path", "bot_source", str(problem), "correct it") from problem
    if not there:
        why = "it is not there, or is no folder" if not folder.exists() else "it is no folder"
        do = f"correct it; for a folder on the hosts write {HOST}{folder}"
        raise UserError(f"the bot's folder {folder} cannot be used", "bot_source", why, do)
    return {"kind": "controller", "source": str(folder), "path": str(folder)}
