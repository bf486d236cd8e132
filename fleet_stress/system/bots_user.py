"""All processes of the user that bots run as: seen, those that never stay as well, and ended when no arena runs.

Only of a user that bots have to themselves, so one that ``roles/engine`` has made; never of a login, or of
``nobody``, whom others use too. Who has somebody to look after it is left alone: a build of a bot's environment, an
admin's ``su``.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import time

import psutil

from fleet_stress import system
from fleet_stress.store.layout import ARENA_VARIABLE
from fleet_stress.system import process
from fleet_stress.system.process import User

#: The comment of an account that was made for bots (roles/engine/tasks/place.yml). Only root can write it.
COMMENT = "fleet-stress bots"
#: Who adopts orphans on a host, beside the process 1.
_INITS = ("systemd", "init", "launchd")
_GONE_WITHIN = 20.0
#: By how many looks more, at which intervals in seconds, somebody who never stays was there than not.
_AGREE, _LOOK = 4, 0.02


def has_bots_only(user: User) -> bool:
    """Whether the account was made for bots, and is not our own."""
    try:
        entry = pwd.getpwnam(user.name)
    except KeyError:
        return False
    return (
        entry.pw_gecos.split(",")[0] == COMMENT
        and entry.pw_uid == user.uid
        and user.uid not in (0, os.getuid())
    )


def living(user: User) -> list[psutil.Process]:
    """Its living processes. A container's users have numbers of ours and are others: those are left out."""
    # Alive is asked last: of one that has ended meanwhile nobody can tell any more whose it was.
    return [one for one in _all(user) if system.in_our_pid_namespace(one.pid) and process.alive(one)]


def never_stays(user: User) -> bool:
    """Whether something of it runs that is in no list for long, because it ends and starts itself anew all the time."""
    votes = 0
    while abs(votes) < _AGREE:
        before, newest = _all(user), system.newest_pid()
        time.sleep(_LOOK)
        # In a container the same user of another one is counted too: here, nothing was started.
        nothing_new = newest is not None and system.newest_pid() == newest
        stay = [one for one in before if one.is_running()]
        if any(not system.in_our_pid_namespace(one.pid) for one in stay):
            return False  # a container's processes count as well, and come and go
        # One that was dead and is collected just now makes a single look wrong.
        more = not nothing_new and system.has_more_tasks(user.uid, user.gid, sum(map(_threads, stay)))
        votes += 1 if more else -1
    return votes > 0


def end_orphans(name: str) -> None:
    """End whatever of a user for bots alone nobody looks after, while no arena runs on this machine; repeatable.

    Nothing happens where there is no such user. Needs root.
    """
    user = _user(name)
    deadline = time.monotonic() + _GONE_WITHIN
    while user is not None and not _none_left(user) and time.monotonic() < deadline:
        everybody = _all(user)
        orphans = [one for one in living(user) if _is_orphan(one, user)]
        if len(orphans) < len([one for one in everybody if process.alive(one)]):
            process.end_all(orphans)
        else:
            # All at once, between two forks (kill(2), pid -1).
            system.as_user(user.uid, user.gid, lambda: os.kill(-1, signal.SIGKILL))
        time.sleep(0.01)


def no_orphans(name: str) -> bool:
    """Whether ``end_orphans`` has nothing to do."""
    user = _user(name)
    return user is None or _none_left(user)


def _none_left(user: User) -> bool:
    if _an_arena_runs():
        return True
    here = living(user)
    if any(_is_orphan(one, user) for one in here):
        return False
    # Where others of it are looked after, they come and go as they like.
    return bool(here) or not never_stays(user)


def _user(name: str) -> User | None:
    try:
        user = process.user_named(name)
    except (KeyError, PermissionError):
        return None
    return user if os.geteuid() == 0 and has_bots_only(user) else None


def _an_arena_runs() -> bool:
    """Of any folder of ours on this machine: its bots have the same user."""
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            ours = one.uids().real == os.getuid() and one.pid != os.getpid()
            if ours and ARENA_VARIABLE in one.environ() and system.in_our_pid_namespace(one.pid):
                return True
    return False


def _is_orphan(one: psutil.Process, user: User) -> bool:
    """Whether the first of its ancestors with another user adopts whoever is left alone."""
    try:
        while (above := one.parent()) is not None and above.uids().real == user.uid:
            one = above
        return above is None or above.pid in (1, os.getpid()) or above.name() in _INITS
    except psutil.Error:  # gone meanwhile
        return True


def _all(user: User) -> list[psutil.Process]:
    """Everybody with this number, zombies and those of containers too; the newest first, as they may go at once."""
    found = []
    for pid in sorted(psutil.pids(), reverse=True):
        with contextlib.suppress(psutil.Error):
            one = psutil.Process(pid)
            if one.uids().real == user.uid:
                found.append(one)
    return found


def _threads(one: psutil.Process) -> int:
    try:
        return int(one.num_threads())
    except psutil.Error:
        return 0
