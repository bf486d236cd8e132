"""``read_only``: the bot's state folder can be read and no more written, as on a disk that failed (6.9).

A read-only bind mount of the folder on itself, in the arena's private mount namespace: nobody else sees it, and the
kernel takes it away with the arena's last process, so there is nothing that an undo record could say. What the bot has
open for writing already it may go on with, as on a volume that is mounted read-only elsewhere.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.disk import write_trial
from fleet_stress.faults.error_sightings import Meeting
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Make the bot's state or log folder read-only while it runs.",
    "additionalProperties": False,
    "properties": {
        "folder": {"enum": ["state", "log"], "description": "Which folder; the state folder by default."}
    },
}


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Tried, not read off a setting."""
    refused = system.why_no_private_read_only()
    if refused is None:
        return None
    return Unsupported(
        f"no folder can be made read-only in a mount namespace of its own ({refused})",
        "run as root (stress_become: true), on Linux, where the container or security module allows mount(2)",
    )


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Make it read-only, after a trial that could still write."""
    if not site.private_mounts:
        raise OSError("the arena has no mount namespace of its own: others would see the folder read-only")
    folder = _folder(site, arguments)
    before = write_trial.write_as(site.user, folder)
    meeting = Meeting(site, errno.EROFS)
    try:
        system.mount_read_only(folder)
    except BaseException:
        meeting.close()
        raise
    return {"before": before, "first": write_trial.write_as(site.user, folder), "meeting": meeting}


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when the bot's user could write before, meets EROFS since, and the bot has said that it met it."""
    last, met = write_trial.write_as(site.user, _folder(site, arguments)), memory["meeting"].met()
    details: dict[str, Any] = {
        "trial_before": memory["before"],
        "trial_first": memory["first"],
        "trial_last": last,
        "told": met,
    }
    stood = memory["first"] == last == errno.errorcode[errno.EROFS]
    control = memory["before"] == write_trial.WELL
    if not control:
        details["why"] = f"a trial as the bot's user could not write there before either: {memory['before']}"
    elif not stood:
        details["why"] = (
            f"a trial as the bot's user did not meet a read-only folder: {memory['first']}, {last}"
        )
    elif not met:
        details["why"] = f"nothing that the bot printed or logged says `{memory['meeting'].looked_for}`"
    return Proof(control and stood and met > 0, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often the bot has said so."""
    return int(memory["meeting"].met())


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take it away, and try again whether one can write."""
    memory["meeting"].close()
    folder = _folder(site, arguments)
    system.unmount(folder)
    after = write_trial.write_as(site.user, folder)
    if after == write_trial.WELL or memory["before"] != write_trial.WELL:
        return {"trial": after}
    return {"trial": after, "bit": False, "why": f"a trial still cannot write there without it: {after}"}


def _folder(site: Site, arguments: Mapping[str, Any]) -> Path:
    return Path(site.places[f"{arguments.get('folder', 'state')}_dir"])


FAULT = Fault(
    name="read_only",
    title="the state folder cannot be written any more",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=met,
)
