"""``database_lock``: another process holds the bot's SQLite databases locked (row 6.13): a backup, a person's shell.

A process of ours (``locker_process.py``), as the bot's user, with SQLite's own locks. They go with it, and it goes with
the arena, so there is nothing that an undo record could say.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fleet_stress.faults.error_sightings import Meeting
from fleet_stress.faults.protocol import Fault, Proof, Site, Unsupported, Where, nothing_to_undo
from fleet_stress.observe import file_content, sqlite
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system import WELL, helper_process

SCHEMA: dict[str, Any] = {
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
#: What SQLite says of a lock that another holds (SQLITE_BUSY, sqlite.org/rescode.html).
BUSY = "database is locked"
#: A bot that writes all the time lets go in between: so long a lock is waited for, in seconds.
PATIENCE = 30.0
#: It has so long for all that it does: a deadline, not an expectation. Seconds.
_WITHIN = PATIENCE + 30.0
_PROGRAM = (sys.executable, "-m", "fleet_stress.faults.rivals.locker_process")


def supported(where: Where, arguments: Mapping[str, Any]) -> Unsupported | None:
    """The engine's Python has to have SQLite, and the bot a database."""
    if sqlite.sqlite3 is None:
        return Unsupported("the engine's Python has no sqlite3", "give the host a Python that has it")
    if _roles(where.bot, arguments):
        return None
    asked = arguments.get("file")
    wanted = f"`{asked}` is no state file of the format sqlite" if asked else "no state file is an SQLite one"
    return Unsupported(
        f"{wanted} in the bot's profile",
        "say `format: sqlite` of one under `state` there, if the bot has one",
    )


def apply(site: Site, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Lock them, after a trial that could; it stands when this returns. Raises OSError when that cannot be tried."""
    wanted = [site.files[role] for role in _roles(site.bot, arguments)]
    before = _tried(site, wanted, PATIENCE)
    meeting = Meeting(site, words=(BUSY, *_own_words(site)))
    with (site.evidence / "database_lock.err").open("wb") as said:
        started = helper_process.start(
            [*_PROGRAM, "hold", str(PATIENCE), *_arguments(site, wanted)], site.mark, said
        )
    try:
        assert started.stdout is not None
        got = _answer(started.stdout.readline(), wanted)
        first = _tried(site, wanted, 0.0)
    except BaseException:
        helper_process.end(started)
        meeting.close()
        raise
    return {
        "process": started,
        "meeting": meeting,
        "wanted": wanted,
        "since": time.monotonic(),
        "before": before,
        "got": got,
        "first": first,
        "stamps": [file_content.stamp(one) for one in wanted],
    }


def prove(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Proof:
    """It bit when the bot's user could lock them before, was told that they are locked since, and the bot met that.

    It has met it when it has said so, or when it has put another file in a database's place, or when it writes one in
    every cycle, still runs, and none of its writes has come through while it stood.
    """
    wanted: Sequence[Tracked] = memory["wanted"]
    stood = round(time.monotonic() - memory["since"], 3)
    last, told = _tried(site, wanted, 0.0), memory["meeting"].met()
    writes = [one.key for one in wanted if site.bot["state"][one.role].get("rewritten") == "cycle"]
    unwritten = [
        one.key
        for one, stamp in zip(wanted, memory["stamps"])
        if one.key in writes and stamp == file_content.stamp(one)
    ]
    running = bool(site.processes())
    replaced = [
        one.key
        for one, stamp in zip(wanted, memory["stamps"])
        if stamp and (file_content.stamp(one) or (None,))[0] != stamp[0]
    ]
    details: dict[str, Any] = {
        "databases": [one.key for one in wanted],
        "seconds": stood,
        "trial_before": memory["before"],
        "lock": memory["got"],
        "trial_first": memory["first"],
        "trial_last": last,
        "told": told,
        "unwritten": unwritten,
        "replaced": replaced,
        "running": running,
    }
    control = set(memory["before"].values()) == set(memory["got"].values()) == {WELL}
    # A file that the bot has put in the place of the locked one is not locked, and was its answer to the lock.
    told_last = {what for key, what in last.items() if key not in replaced}
    locked = memory["process"].poll() is None and {*memory["first"].values(), *told_last} == {BUSY}
    met = told > 0 or bool(replaced) or bool(unwritten and running)
    if not control:
        details["why"] = f"they could not be locked as the bot's user: {memory['before']}, {memory['got']}"
    elif not locked:
        details["why"] = (
            f"a trial as the bot's user did not find them locked all the time: {memory['first']}, {last}"
        )
    elif not met:
        details["why"] = "nothing that the bot printed or logged says that its database is locked" + (
            ", and it did not run any more"
            if not running
            else ", and the profile does not say that it writes it in every cycle"
        )
    return Proof(control and locked and met, details)


def met(memory: Mapping[str, Any]) -> int:
    """How often the bot has said so."""
    return int(memory["meeting"].met())


def revert(site: Site, arguments: Mapping[str, Any], memory: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let go of them, and try again whether one can lock them."""
    memory["meeting"].close()
    helper_process.end(memory["process"])
    after = _tried(site, memory["wanted"], PATIENCE)
    if set(after.values()) == {WELL} or set(memory["before"].values()) != {WELL}:
        return {"trial": after}
    return {"trial": after, "bit": False, "why": f"a trial still cannot lock them without it: {after}"}


def _roles(bot: Mapping[str, Any], arguments: Mapping[str, Any]) -> list[str]:
    asked = arguments.get("file")
    return [
        role
        for role, entry in bot.get("state", {}).items()
        if entry.get("format") == "sqlite" and asked in (None, role)
    ]


def _own_words(site: Site) -> list[str]:
    own = site.bot.get("messages", {}).get("lock_timed_out")
    return [own] if own else []


def _arguments(site: Site, wanted: Sequence[Tracked]) -> list[str]:
    return [str(site.user.uid), str(site.user.gid), *(str(one.path) for one in wanted)]


def _tried(site: Site, wanted: Sequence[Tracked], patience: float) -> dict[str, str]:
    """What another connection of the bot's user meets: by key ``well``, or what SQLite says. Raises OSError."""
    argv = [*_PROGRAM, "try", str(patience), *_arguments(site, wanted)]
    try:
        ended = subprocess.run(
            argv, capture_output=True, timeout=_WITHIN, check=False, env=helper_process.environment(site.mark)
        )
    except subprocess.TimeoutExpired as problem:
        raise OSError("a trial whether the databases are locked did not end") from problem
    return _answer(ended.stdout, wanted, ended.stderr)


def _answer(said: bytes, wanted: Sequence[Tracked], otherwise: bytes = b"") -> dict[str, str]:
    try:
        return dict(zip((one.key for one in wanted), json.loads(said)))
    except ValueError as problem:
        told = otherwise.decode("utf-8", "replace").strip()[-300:] or "see database_lock.err"
        raise OSError(f"the process that locks databases did not come up: {told}") from problem


FAULT = Fault(
    name="database_lock",
    title="another process holds its database locked",
    stands=True,
    schema=SCHEMA,
    supported=supported,
    undo=nothing_to_undo,
    apply=apply,
    prove=prove,
    revert=revert,
    met=met,
    # Each of a cycle's writes may wait for it.
    slows=True,
)
