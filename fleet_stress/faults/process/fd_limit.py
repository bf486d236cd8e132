"""``fd_limit``: the bot may have only so many file descriptors, near what it has at rest (row 6.1).

Its own plateau is measured first: what it has open between two cycles, and the most that was seen. Either some more
than that are left to it, on which it has to live; or not one, and then whatever it opens meets EMFILE. RLIMIT_NOFILE is
changed from outside while it runs (prlimit(2)), the soft limit alone; it goes with the process.
"""

from __future__ import annotations

import contextlib
import errno
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from fleet_stress import system
from fleet_stress.faults.error_sightings import NO_DESCRIPTOR, NO_FILE, Sightings
from fleet_stress.faults.held_open import SavedMeanwhile
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where

_MEASURED_FOR = 1.0
_LOOK = 0.005


class FdLimit(Fault):
    name = "fd_limit"
    title = "file descriptors are limited"
    schema = {
        "type": "object",
        "description": "Limit the file descriptors of the running bot, relative to what it has open.",
        "additionalProperties": False,
        "required": ["left"],
        "properties": {
            "left": {
                "type": "integer",
                "minimum": 0,
                "maximum": 10000,
                "description": (
                    "How many more than the most that were seen open; 0: no more than are open at rest, so that"
                    " nothing new can be opened."
                ),
            },
            "share": {
                "type": "number",
                "minimum": 0,
                "maximum": 10,
                "description": "At least so many more, as a share of the most that were seen open; 0 by default.",
            },
            "measured_for": {
                "type": "number",
                "exclusiveMinimum": 0,
                "unit": "s",
                "description": "How long its descriptors are measured, longer than a cycle; one second by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Where another process's limit can be changed."""
        refused = system.why_no_descriptor_limits()
        return Unsupported(refused, "a Linux host, Python 3.9 or newer") if refused else None

    def apply(self) -> None:
        """Measure, and set the limit of each process of the bot."""
        processes = self.site.running.processes()
        seen = _measured(processes, float(self.arguments.get("measured_for", _MEASURED_FOR)))
        sightings = Sightings(self.site, errno.EMFILE, words=(*NO_FILE, *NO_DESCRIPTOR))
        limits: dict[int, int] = {}
        before: dict[int, int] = {}
        for process in processes:
            had = system.descriptor_limit(process.pid)
            if had is None or process.pid not in seen:
                continue
            least, most = seen[process.pid]
            wanted = (
                _first_free(least) if self.arguments["left"] == 0 else max(most) + 1 + self._left(least, most)
            )
            try:
                system.limit_descriptors(process.pid, min(wanted, had))
            except OSError:
                if system.descriptor_limit(process.pid) is None:
                    continue  # a shell's `sleep` has ended; the next one has its limit from the shell
                raise
            before[process.pid], limits[process.pid] = had, min(wanted, had)
        self._seen = seen
        self._before = before
        self._limits = limits
        self._sightings = sightings
        self._saved = SavedMeanwhile(self.site, Path(self.site.places["state_dir"]))

    def _left(self, least: set[int], most: set[int]) -> int:
        """How many more than the most: as many as it was seen to open and close again, at the least."""
        by_share = math.ceil(float(self.arguments.get("share", 0)) * len(most))
        return max(int(self.arguments["left"]), by_share, len(most) - len(least))

    def prove(self) -> Proof:
        """The kernel tells the limit back, and, where none was left, the bot has said that it was hit.

        That all numbers below it are taken between two cycles is what makes sure that it had to.
        """
        messages, limits = self._sightings.count(), self._limits
        now = _measured(
            [process for process in self.site.running.processes() if process.pid in limits], _LOOK * 10
        )
        alive = {pid for process in self.site.running.processes() if (pid := process.pid) in limits}
        kept = {pid for pid in alive if system.descriptor_limit(pid) == limits[pid]}
        details: dict[str, Any] = {
            "processes": {
                str(pid): {
                    "at_rest": len(least),
                    "most": len(most),
                    "limit": limits.get(pid),
                    "before": self._before.get(pid),
                    "taken_at_the_end": len(now[pid][1]) if pid in now else None,
                }
                for pid, (least, most) in self._seen.items()
            },
            "told": messages,
        }
        if not limits:
            details["why"] = "no process of the bot ran when its descriptors were to be limited"
        elif kept != alive:
            details["why"] = "a process of the bot has another limit than the one that was set"
        elif self.arguments["left"] == 0 and not messages:
            details["why"] = f"nothing that the bot printed or logged says `{self._sightings.looked_for}`"
            details |= self._saved.details("it opens nothing anew")
        elif not alive and not messages:
            details["why"] = "all processes of the bot whose descriptors were limited have ended"
        return Proof("why" not in details, details)

    def revert(self) -> Mapping[str, Any]:
        """Give the limits back to whoever of them still runs."""
        self._sightings.close()
        given_back = {}
        for process in self.site.running.processes():
            if process.pid in self._before:
                with contextlib.suppress(
                    OSError
                ):  # it has just ended; what is not given back is in the evidence
                    system.limit_descriptors(process.pid, self._before[process.pid])
                given_back[str(process.pid)] = system.descriptor_limit(process.pid)
        return {"limits": given_back}

    def cannot_hit(self) -> str | None:
        """A bot that goes on saving through what it holds open, and has said nothing."""
        return None if self.arguments["left"] or self._sightings.count() else self._saved.cannot_hit()

    def hits(self) -> int:
        """How often the bot has said that it was hit by the limit."""
        self._saved.look()
        return int(self._sightings.count())


def _measured(processes: Sequence[psutil.Process], seconds: float) -> dict[int, tuple[set[int], set[int]]]:
    """The fewest and the most descriptors that each process has had open at a look, by its pid."""
    found: dict[int, tuple[set[int], set[int]]] = {}
    deadline = time.monotonic() + seconds
    while True:
        for process in processes:
            has = system.descriptors(process.pid)
            if has:
                least, most = found.get(process.pid, (has, has))
                found[process.pid] = (min(least, has, key=len), max(most, has, key=len))
        if time.monotonic() >= deadline:
            return found
        time.sleep(_LOOK)


def _first_free(taken: set[int]) -> int:
    """The lowest number that is not taken: with this as the limit nothing can be opened."""
    return next(number for number in range(len(taken) + 1) if number not in taken)
