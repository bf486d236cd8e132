"""``dead_output``: nobody takes what the bot prints (row 6.15).

Its standard output is closed from its first moment, as some service managers and `>&-` leave it; the next file that it
opens then gets the number 1. Or it is a pipe that is full to the last byte and that nobody reads: a bot that writes to
it like to any other file stands still for ever. When the fault is lifted the reader goes away, and what is written then
meets EPIPE. It is for the starts that follow.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import termios
from collections.abc import Mapping
from typing import Any

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Let the next start's standard output lead to nobody.",
    "additionalProperties": False,
    "required": ["stdout"],
    "properties": {
        "stdout": {
            "enum": ["closed", "unread"],
            "description": "closed: it has none. unread: a full pipe, with no reader when it is lifted.",
        }
    },
}


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """Where it can be seen what a descriptor of the bot is of."""
    if system.SEES_DESCRIPTORS:
        return None
    return Unsupported("where a bot's standard output leads is not to be seen here", "a Linux host")


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """For the next start; for ``unread`` a pipe is made and filled."""
    # What it printed before, where somebody listened: that it would print now.
    before = list(site.evidence.glob("start-*.out"))
    printed = sum(one.stat().st_size for one in before)
    memory: dict[str, Any] = {"printed_before": printed, "starts": len(before), "pipe": None}
    if arguments["stdout"] == "unread":
        reading, writing = os.pipe()
        memory |= {"pipe": (reading, writing), "bytes": _fill(writing)}
        site.outputs["stdout"] = writing
    else:
        site.outputs["stdout"] = None
    return memory


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when the bot was started with it; for ``unread``, when the pipe is full still and the bot does print.

    One that prints nothing has nothing to hold it back. Without its output, the number itself is what it meets. A bot
    that stood still until its deadline is not there any more: that it was started with it is all there is to see.
    """
    leads = {str(one.pid): system.descriptor_target(one.pid, 1) for one in site.processes()}
    details: dict[str, Any] = {"leads_to": leads, "printed_before": memory["printed_before"]}
    if len(list(site.evidence.glob("start-*.out"))) == memory["starts"]:
        details["why"] = "no bot was started since"
    elif memory["pipe"] is None:
        ours = str(site.evidence)
        if any(one is not None and one.startswith(ours) for one in leads.values()):
            details["why"] = "its standard output leads into the evidence: it was started before"
    else:
        reading, writing = memory["pipe"]
        details |= {"bytes": memory["bytes"], "unread_bytes": _unread(reading)}
        pipe = f"pipe:[{os.fstat(writing).st_ino}]"
        if leads and pipe not in leads.values():
            details["why"] = (
                "its standard output is not the pipe: it was started before, or has another one now"
            )
        elif details["unread_bytes"] != memory["bytes"]:
            details["why"] = "somebody has read from the pipe"
        elif not memory["printed_before"]:
            details["why"] = (
                "the bot had printed nothing before, where somebody listened: nothing holds it back"
            )
    return Proof("why" not in details, details)


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """The reader goes away; a later start prints into the evidence again."""
    site.outputs.pop("stdout", None)
    for one in memory["pipe"] or ():
        os.close(one)
    return {}


def _fill(writing: int) -> int:
    """Write until not a byte fits; how many there are then."""
    filled = 0
    os.set_blocking(writing, False)
    for step in (65536, 4096, 1):
        with contextlib.suppress(BlockingIOError):
            while True:
                filled += os.write(writing, bytes(step))
    # The bot's own descriptor is of the same open file: it has to find it as any other pipe (fcntl(2)).
    os.set_blocking(writing, True)
    return filled


def _unread(reading: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(reading, termios.FIONREAD, struct.pack("i", 0)))[0])


FAULT = Fault(
    name="dead_output",
    title="nobody takes what the bot prints",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
)
