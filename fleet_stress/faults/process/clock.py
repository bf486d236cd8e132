"""``clock``: the bot gets a clock of its own, which ``clock_step`` steps while it runs (rows 6.5A to C).

Linux's alone so far: it is tried with libfaketime as Linux has it.

Applied before the start, because a library is loaded when a program starts. By itself it changes nothing: the clock is
right, or, for a night in which daylight saving changes, five minutes before that.
"""

from __future__ import annotations

import os
import pwd
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, Proof, UndoNeeded, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.observe import bot_files, file_content
from fleet_stress.system import process
from fleet_stress.system.fake_clock import NEAR, FakeClock, library, prefix, remember, remembered

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_ZONE = "Europe/Berlin"
_ZONES = Path("/usr/share/zoneinfo")
#: The clock is put so long before the change, in seconds; when the bot is at work, ``clock_step`` takes it there.
_BEFORE = 300.0
_TRIED_WITH = 3600.0
_ANOTHER = "another version of libfaketime, or of the bot's Python"
_HOUR, _LOOKED_FOR = 3600, 3 * 366 * 86400


class Clock(Fault):
    name = "clock"
    title = "the bot has its own clock"
    schema = {
        "type": "object",
        "description": "Give the bot its own clock, from its next start on (libfaketime).",
        "additionalProperties": False,
        "properties": {
            "night": {
                "enum": ["ends", "begins"],
                "description": (
                    "The night when daylight saving ends or begins: the clock is five minutes before it next ends, or"
                    " before it begins after that, in a time zone that has it."
                ),
            },
            "zone": {
                "type": "string",
                "pattern": "^[A-Za-z_]+(/[A-Za-z_+-]+)+$",
                "description": "The time zone of that night; Europe/Berlin by default.",
            },
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """Tried, not read off a version: the bot's Python sleeps under it, and sees the step."""
        enable = "install libfaketime (Debian: apt-get install faketime), on Linux"
        if not system.HAS_FAKE_CLOCKS or library() is None:
            return Unsupported("a clock of the bot's own needs libfaketime, which is not here", enable)
        if "night" in arguments and not (_ZONES / arguments.get("zone", _ZONE)).is_file():
            zone = arguments.get("zone", _ZONE)
            return Unsupported(f"the time zone {zone} is not known here", "install tzdata")
        with tempfile.TemporaryDirectory(prefix="fleet-stress-clock-") as folder:
            Path(folder).chmod(0o755)
            clock = FakeClock(Path(folder), folder)
            clock.make()
            clock.set(_TRIED_WITH)
            python, user = _tried_by(where.bot)
            try:
                control = clock.control(python, {"PATH": "/usr/bin:/bin", **clock.environment()}, user)
            except OSError as problem:
                return Unsupported(f"libfaketime does not work here: {problem}", _ANOTHER)
        if abs(control.offset - _TRIED_WITH) > NEAR or not control.monotonic_true:
            why = f"a program that loads libfaketime sees a step of {control.offset:g} s, not {_TRIED_WITH:g}"
            return Unsupported(why, _ANOTHER)
        return None

    def undo(self) -> tuple[UndoNeeded, ...]:
        """What the library keeps in shared memory and a kill leaves there; all else goes with the arena."""
        return (UndoNeeded("fake_clock", {"prefix": prefix(self.site.mark)}),)

    def apply(self) -> None:
        """The clock is there for the next start. Raises OSError."""
        folder = self.site.scratch / "clock"
        clock = FakeClock(folder, self.site.mark)
        clock.make()
        added = clock.environment(str(self.site.bot.get("environment", {}).get("LD_PRELOAD", "")))
        change = None
        if "night" in self.arguments:
            zone = self.arguments.get("zone", _ZONE)
            change = next_change(zone, self.arguments["night"], time.time())
            clock.set(change - _BEFORE - time.time())
            added["TZ"] = zone
        self.site.next_start.environment.update(added)
        remember(folder, {"change": change, "stepped": None})
        self._clock = clock
        self._folder = folder
        self._added = list(added)
        self._change = change
        self._first = self._ask(clock)

    def prove(self) -> Proof:
        """A program in the bot's environment sees the clock as it was set, and the bot's own words agree."""
        clock: FakeClock = self._clock
        now, offset = self._ask(clock), clock.offset
        stepped = remembered(self._folder)["stepped"]
        details: dict[str, Any] = {
            "offset": offset,
            "control": {"at_first": self._first._asdict(), "at_the_end": now._asdict()},
            "bot": self._said(stepped),
        }
        why = None
        if abs(now.offset - offset) > NEAR or not now.monotonic_true:
            why = f"a program in the bot's environment sees a clock that is {now.offset:g} s off, not {offset:g}"
        elif details["bot"]["apart"] is not None and abs(details["bot"]["apart"] - offset) > NEAR:
            apart = details["bot"]["apart"]
            why = f"the bot wrote a time that is {apart:g} s off, not {offset:g}: it has another clock"
        elif self._change is not None:
            change = self._change
            details["change"] = datetime.fromtimestamp(
                change, _zone_info(self.arguments.get("zone", _ZONE))
            ).isoformat()
            if time.time() + offset < change or self._first.dst == now.dst:
                why = "the night's change had not come when the clock was taken away"
        return Proof(why is None, {**details, **({"why": why} if why else {})})

    def revert(self) -> Mapping[str, Any]:
        """The next start has the host's clock again."""
        for name in self._added:
            self.site.next_start.environment.pop(name, None)
        self._clock.set(0.0)
        return {}

    def _ask(self, clock: FakeClock) -> Any:
        environment = {"PATH": "/usr/bin:/bin", **clock.environment()}
        environment |= (
            {"TZ": self.site.next_start.environment["TZ"]} if "TZ" in self.site.next_start.environment else {}
        )
        return clock.control(self.site.places["python"], environment, self.site.user)

    def _said(self, stepped: float | None) -> dict[str, Any]:
        """What the bot wrote of the time since the last step, held against the kernel's time of that very file."""
        words = self.site.bot.get("timestamp")
        if not words:
            return {"apart": None, "why": "its profile names no timestamp"}
        tracked = self.site.files[words["file"]]
        stamp, data = file_content.stamp(tracked), file_content.read(tracked)
        moment = bot_files.moment(data, words["field"])
        if stamp is None or moment is None:
            return {"apart": None, "why": f"{tracked.key} holds no time in {words['field']}"}
        if stepped is None or stamp[1] / 1e9 <= stepped:
            return {"apart": None, "why": f"{tracked.key} was not written since the clock was stepped"}
        return {"apart": round(moment - stamp[1] / 1e9, 1), "file": tracked.key, "said": moment}


def next_change(zone: str, night: str, after: float) -> float:
    """When daylight saving next ends in a zone, or next begins after that; epoch seconds.

    Raises OSError where it does neither within three years.
    """
    info, moment = _zone_info(zone), int(after)
    for becomes in (False, True)[: 1 if night == "ends" else 2]:
        while not (_is_dst(info, moment) is not becomes and _is_dst(info, moment + _HOUR) is becomes):
            moment += _HOUR
            if moment > after + _LOOKED_FOR:
                raise OSError(f"there is no daylight saving in {zone}")
        low, high = moment, moment + _HOUR
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _is_dst(info, middle) is becomes else (middle, high)
        moment = high
    return float(moment)


def _zone_info(zone: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo  # of one scenario, and slow to load

    return ZoneInfo(zone)


def _is_dst(info: ZoneInfo, moment: int) -> bool:
    return datetime.fromtimestamp(moment, info).dst() != timedelta(0)


def _tried_by(bot: Mapping[str, Any]) -> tuple[str, process.User]:
    """The bot's Python and user; our own where a host is asked what it can do before it has a bot."""
    python = str(bot.get("python") or "")
    if not os.access(python, os.X_OK):
        return sys.executable, _ourselves()
    return python, process.user_named(bot["user"]) if "user" in bot else _ourselves()


def _ourselves() -> process.User:
    entry = pwd.getpwuid(os.getuid())
    return process.User(entry.pw_name, entry.pw_uid, entry.pw_gid)
