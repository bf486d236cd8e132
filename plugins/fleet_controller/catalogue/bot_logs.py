"""How a profile says where its bot logs: filled in, and what of it cannot be; and files that have two names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import Document
from fleet_controller.messages.errors import Problem


def filled(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Of a log for each start all are rotated ones of a file that is never there."""
    if "per_start" not in entry:
        return dict(entry)
    name = entry["per_start"]
    return {"path": name, "format": "text", "required": False, **entry, "rotated": [name]}


def contradictions(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Logs without a name or with two, one that tells cycles and changes, and two roles of one file."""
    for role, entry in bot["logs"].items():
        where = document.where(("logs", role), key=True)
        if "path" not in entry:
            do = "say `path`, or `per_start` if each start writes a log of its own"
            yield Problem(f"the log `{role}` has no `path`", where, "so it cannot be found", do)
        if "per_start" in entry and (entry["path"] != entry["per_start"] or entry["format"] != "text"):
            do = "take `path` out, and leave `format` to be text"
            yield Problem(
                f"the log `{role}` is two things", where, "`per_start` is for text logs without a path", do
            )
        if "per_start" in entry and bot["cycle"]["file"] == role:
            why = f"each start writes another file of `{role}`"
            do = "name a file that stays, stdout or stderr"
            yield Problem("cycles cannot be counted there", document.where(("cycle", "file")), why, do)
    yield from _one_file(document, bot)


def _one_file(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Two roles of one file: what is found about it would be found twice, or excused by its other name."""
    first: dict[str, str] = {}
    for section, folder in (("state", "${state_dir}"), ("logs", "${log_dir}")):
        for role, entry in bot[section].items():
            path = str(entry.get("path", ""))
            whole = path if path.startswith("${") else f"{folder}/{path}"
            if path and whole in first:
                where = document.where((section, role, "path"))
                do = "say all that is to be known of it under one role"
                yield Problem(f"`{path}` is `{first[whole]}` already", where, "a file has one role", do)
            first.setdefault(whole, role)
