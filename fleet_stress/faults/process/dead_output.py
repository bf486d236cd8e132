"""``dead_output``: stdout is closed, or not read (row 6.15).

Its standard output is closed from its first moment, as some service managers and `>&-` leave it; the next file that it
opens then gets the number 1. Or it is a pipe that is full to the last byte and that nobody reads: a bot that writes to
it like to any other file blocks for ever. When the fault is reverted the reader goes away, and what is written then
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
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where


class DeadOutput(Fault):
    name = "dead_output"
    title = "stdout is not read"
    of_next_start = True
    schema = {
        "type": "object",
        "description": "Close the standard output of the next start, or leave it unread.",
        "additionalProperties": False,
        "required": ["stdout"],
        "properties": {
            "stdout": {
                "enum": ["closed", "unread"],
                "description": "closed: it has none. unread: a full pipe, without a reader once the fault is removed.",
            }
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Where it can be seen what a descriptor of the bot is of."""
        if system.SEES_DESCRIPTORS:
            return None
        return Unsupported("where a bot's standard output leads is not to be seen here", "a Linux host")

    @classmethod
    def silences(cls, bot: Mapping[str, Any], arguments: Mapping[str, Any]) -> bool:
        """Where a line of it tells of a cycle."""
        return bool(bot["cycle"]["file"] == "stdout")

    def apply(self) -> None:
        """For the next start; for ``unread`` a pipe is made and filled."""
        # What it printed before, where somebody listened: that it would print now.
        before = list(self.site.evidence.glob("start-*.out"))
        printed = sum(output.stat().st_size for output in before)
        self._printed_before, self._starts = printed, len(before)
        self._pipe: tuple[int, int] | None = None
        if self.arguments["stdout"] == "unread":
            _, writing = self._pipe = os.pipe()
            self._bytes = _fill(writing)
            self.site.next_start.outputs["stdout"] = writing
        else:
            self.site.next_start.outputs["stdout"] = None

    def prove(self) -> Proof:
        """The bot was started with it; for ``unread``, the pipe is full still and the bot does print.

        One that prints nothing has nothing to hold it back. Without its output, the descriptor itself is what it is hit
        by. A bot that stood still until its deadline is gone: that it was started with it is all there is to see.
        """
        leads = {
            str(process.pid): system.descriptor_target(process.pid, 1)
            for process in self.site.running.processes()
        }
        details: dict[str, Any] = {"leads_to": leads, "printed_before": self._printed_before}
        if len(list(self.site.evidence.glob("start-*.out"))) == self._starts:
            details["why"] = "no bot was started since"
        elif self._pipe is None:
            ours = str(self.site.evidence)
            if any(target is not None and target.startswith(ours) for target in leads.values()):
                details["why"] = "its standard output leads into the evidence: it was started before"
        else:
            reading, writing = self._pipe
            details |= {"bytes": self._bytes, "unread_bytes": _unread(reading)}
            pipe = f"pipe:[{os.fstat(writing).st_ino}]"
            if leads and pipe not in leads.values():
                details["why"] = (
                    "its standard output is not the pipe: it was started before, or has another one now"
                )
            elif details["unread_bytes"] != self._bytes:
                details["why"] = "somebody has read from the pipe"
            elif not self._printed_before:
                details["why"] = "the bot prints nothing, also where somebody listens: nothing holds it back"
                details["nothing_to_hit"] = True
        return Proof("why" not in details, details)

    def blocks(self) -> bool:
        """Whether a thread of the bot waits in a write to the full pipe."""
        return self._pipe is not None and any(
            system.descriptor_target(process.pid, 1) == f"pipe:[{os.fstat(self._pipe[1]).st_ino}]"
            and system.waits_in_pipe(process.pid)
            for process in self.site.running.processes()
        )

    def revert(self) -> Mapping[str, Any]:
        """The reader goes away; a later start prints into the evidence again."""
        self.site.next_start.outputs.pop("stdout", None)
        for descriptor in self._pipe or ():
            os.close(descriptor)
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
