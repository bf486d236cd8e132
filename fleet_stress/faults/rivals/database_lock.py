"""``database_lock``: another process holds the bot's SQLite databases locked (row 6.13): a backup, a person's shell.

A process of ours (``locker_process.py``), as the bot's user, with SQLite's own locks. They go with it, and it goes with
the arena, so there is nothing that an undo record could say.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.error_sightings import Sightings
from fleet_stress.faults.protocol import Fault, Proof, Unsupported
from fleet_stress.faults.site import Where
from fleet_stress.observe import file_content, sqlite
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system import WELL, helper_process, own_python

#: What SQLite says of a lock that another holds (SQLITE_BUSY, sqlite.org/rescode.html).
BUSY = "database is locked"
#: A bot that writes all the time lets go in between: so long a lock is waited for, in seconds.
PATIENCE = 30.0
#: It has so long for all that it does: a deadline, not an expectation. Seconds.
_WITHIN = PATIENCE + 30.0
_PROGRAM = own_python.argv("fleet_stress.faults.rivals.locker_process")


class DatabaseLock(Fault):
    name = "database_lock"
    title = "another process holds its database locked"
    slows = True
    schema = {
        "type": "object",
        "description": "Hold the bot's SQLite databases locked, as another program would.",
        "additionalProperties": False,
        "properties": {
            "file": {
                "type": "string",
                "description": "Role of the database; all SQLite files of the profile by default.",
            }
        },
    }

    @classmethod
    def supported(cls, where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
        """The engine's Python has to have SQLite, and the bot a database."""
        if sqlite.sqlite3 is None:
            return Unsupported("the engine's Python has no sqlite3", "give the host a Python that has it")
        if _roles(where.bot, arguments):
            return None
        role = arguments.get("file")
        missing = (
            f"`{role}` is no state file of the format sqlite" if role else "no state file is an SQLite one"
        )
        return Unsupported(
            f"{missing} in the bot's profile",
            "say `format: sqlite` of one under `state` there, if the bot has one",
        )

    def apply(self) -> None:
        """Lock them, after a trial that could; they are locked when this returns. Raises OSError."""
        databases = [self.site.files[role] for role in _roles(self.site.bot, self.arguments)]
        before = self._tried(databases, PATIENCE)
        sightings = Sightings(self.site, words=(BUSY, *self._own_words()))
        with (self.site.evidence / "database_lock.err").open("wb") as errors:
            started = helper_process.start(
                [*_PROGRAM, "hold", str(PATIENCE), *self._arguments(databases)], self.site.mark, errors
            )
        try:
            assert started.stdout is not None
            got = _answer(started.stdout.readline(), databases)
            first = self._tried(databases, 0.0)
        except BaseException:
            helper_process.end(started)
            sightings.close()
            raise
        self._process = started
        self._sightings = sightings
        self._databases = databases
        self._since = time.monotonic()
        self._before = before
        self._got = got
        self._first = first
        self._stamps = [file_content.stamp(tracked) for tracked in databases]

    def prove(self) -> Proof:
        """The bot's user could lock them before, was told that they are locked since, and the bot was hit by that.

        It was hit when it has said so, or when it has put another file in a database's place, or when it writes one in
        every cycle, still runs, and none of its writes has come through while it stood.
        """
        databases = self._databases
        stood = round(time.monotonic() - self._since, 3)
        last, messages = self._tried(databases, 0.0), self._sightings.count()
        writes = [
            tracked.key
            for tracked in databases
            if self.site.bot["state"][tracked.role].get("rewritten") == "cycle"
        ]
        unwritten = [
            tracked.key
            for tracked, stamp in zip(databases, self._stamps)
            if tracked.key in writes and stamp == file_content.stamp(tracked)
        ]
        running = bool(self.site.running.processes())
        replaced = [
            tracked.key
            for tracked, stamp in zip(databases, self._stamps)
            if stamp and (file_content.stamp(tracked) or (None,))[0] != stamp[0]
        ]
        details: dict[str, Any] = {
            "databases": [tracked.key for tracked in databases],
            "seconds": stood,
            "trial_before": self._before,
            "lock": self._got,
            "trial_first": self._first,
            "trial_last": last,
            "told": messages,
            "unwritten": unwritten,
            "replaced": replaced,
            "running": running,
        }
        control = set(self._before.values()) == set(self._got.values()) == {WELL}
        # A file that the bot has put in the place of the locked one is not locked, and was its answer to the lock.
        last_answers = {what for key, what in last.items() if key not in replaced}
        locked = self._process.poll() is None and {*self._first.values(), *last_answers} == {BUSY}
        hit = messages > 0 or bool(replaced) or bool(unwritten and running)
        if not control:
            details["why"] = f"they could not be locked as the bot's user: {self._before}, {self._got}"
        elif not locked:
            details["why"] = (
                f"a trial as the bot's user did not find them locked all the time: {self._first}, {last}"
            )
        elif not hit:
            details["why"] = "nothing that the bot printed or logged says that its database is locked" + (
                ", and it did not run any more"
                if not running
                else ", and the profile does not say that it writes it in every cycle"
            )
        return Proof(control and locked and hit, details)

    def revert(self) -> Mapping[str, Any]:
        """Let go of them, and try again whether one can lock them."""
        self._sightings.close()
        helper_process.end(self._process)
        after = self._tried(self._databases, PATIENCE)
        if set(after.values()) == {WELL} or set(self._before.values()) != {WELL}:
            return {"trial": after}
        return {"trial": after, "bit": False, "why": f"a trial still cannot lock them without it: {after}"}

    def hits(self) -> int:
        """How often the bot has said so."""
        return int(self._sightings.count())

    def _own_words(self) -> list[str]:
        own = self.site.bot.get("messages", {}).get("lock_timed_out")
        return [own] if own else []

    def _arguments(self, databases: Sequence[Tracked]) -> list[str]:
        return [
            str(self.site.user.uid),
            str(self.site.user.gid),
            *(str(tracked.path) for tracked in databases),
        ]

    def _tried(self, databases: Sequence[Tracked], patience: float) -> dict[str, str]:
        """What another connection of the bot's user meets: by key ``well``, or what SQLite says. Raises OSError."""
        argv = [*_PROGRAM, "try", str(patience), *self._arguments(databases)]
        try:
            ended = subprocess.run(
                argv,
                capture_output=True,
                timeout=_WITHIN,
                check=False,
                env=helper_process.environment(self.site.mark),
            )
        except subprocess.TimeoutExpired as problem:
            raise OSError("a trial whether the databases are locked did not end") from problem
        return _answer(ended.stdout, databases, ended.stderr)


def _roles(bot: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[str]:
    chosen = arguments.get("file")
    return [
        role
        for role, entry in bot.get("state", {}).items()
        if entry.get("format") == "sqlite" and chosen in (None, role)
    ]


def _answer(answer: bytes, databases: Sequence[Tracked], otherwise: bytes = b"") -> dict[str, str]:
    try:
        return dict(zip((tracked.key for tracked in databases), json.loads(answer)))
    except ValueError as problem:
        reason = otherwise.decode("utf-8", "replace").strip()[-300:] or "see database_lock.err"
        raise OSError(f"the process that locks databases did not come up: {reason}") from problem
