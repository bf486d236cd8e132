"""``vanish``: the bot's state folder is gone for a while and comes back with what was in it, as a volume does (6.10).

It is moved away, which needs no root and no mount, and moved back; how to move it back is on disk before. What the bot
has put in its place meanwhile, where it can, lies beside it afterwards. A folder that the bot holds open it can go on
with: on a volume that is gone it could not.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress.faults.error_sightings import Meeting
from fleet_stress.faults.protocol import Fault, Proof, Site, UndoNeeded, supported_everywhere
from fleet_stress.store import deletion

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Take the bot's state or log folder away while it runs, and give it back with what was in it.",
    "additionalProperties": False,
    "properties": {
        "folder": {"enum": ["state", "log"], "description": "Which folder; the state folder by default."}
    },
}
#: What a bot may say that looks for its folder, or wants to make it anew where it may not.
_ERRORS = (errno.ENOENT, errno.EACCES, errno.EPERM)


def undo(site: Site, arguments: Mapping[str, Any]) -> tuple[UndoNeeded, ...]:
    """It is the record of the bot's state: back in its place it has to come, whoever dies."""
    return (UndoNeeded("put_back", _places(site, arguments)),)


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move it away. Raises OSError, also where something is mounted there."""
    words = _places(site, arguments)
    home, away = Path(words["home"]), Path(words["away"])
    away.parent.mkdir(mode=0o700, exist_ok=True)
    meeting = Meeting(site, *_ERRORS)
    try:
        home.rename(away)
    except OSError as problem:
        meeting.close()
        if problem.errno == errno.EBUSY:
            told = f"{home} cannot be moved: something is mounted there; let it vanish before"
            raise OSError(errno.EBUSY, told) from problem
        raise
    return {**words, "files": len(os.listdir(away)), "meeting": meeting}  # noqa: PTH208


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when it is still away, and the bot has said that it missed it or has made a new one."""
    told, anew = memory["meeting"].met(), os.path.lexists(memory["home"])
    away = os.path.lexists(memory["away"])
    details: dict[str, Any] = {"files": memory["files"], "away": away, "told": told, "made_anew": anew}
    if away and not (told or anew):
        details["why"] = (
            f"nothing that the bot printed or logged says `{memory['meeting'].looked_for}`,"
            " and it has made no new folder"
        )
    return Proof(away and bool(told or anew), details)


def met(memory: Mapping[str, Any]) -> int:
    """How often the bot has said that it missed it; a folder made anew counts once."""
    return int(memory["meeting"].met()) or int(os.path.lexists(memory["home"]))


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Move it back; what stands there meanwhile goes beside it."""
    memory["meeting"].close()
    deletion.put_back(Path(memory["away"]), Path(memory["home"]))
    return {"files": len(os.listdir(memory["home"]))}  # noqa: PTH208


def _places(site: Site, arguments: Mapping[str, Any]) -> dict[str, str]:
    home = Path(site.places[f"{arguments.get('folder', 'state')}_dir"])
    return {"home": str(home), "away": str(site.scratch / "vanished" / home.name)}


FAULT = Fault(
    name="vanish",
    title="the state folder is gone and comes back",
    stands=True,
    schema=SCHEMA,
    supported=supported_everywhere,
    undo=undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=met,
)
