"""Stops a whole bot in the middle of a write, or of a transaction (row 3.4)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from fleet_stress import system
from fleet_stress.observe import sqlite
from fleet_stress.observe.watch import INTERVAL
from fleet_stress.system import process, tree

#: A database transaction lasts some milliseconds: the interval, and the most time, of a search for one. Seconds.
_TRANSACTION, _TRANSACTIONS = 0.0002, 0.2

_Members = Callable[[], list[psutil.Process]]


def hold(
    writes: system.WriteWatcher, members: _Members, databases: Sequence[Path] = ()
) -> list[psutil.Process]:
    """Wait a little for a write, or for a transaction in one of the databases, and stop all members.

    Returns those that stand still: nobody, if nothing was written. Whether they are in a write is looked at then, at
    leisure. A write is over before a busy host wakes who waits for it, unless that one goes ahead of all. Then each is
    met, and always as it begins, with an empty file: so every other time the bot goes on to what it does next.
    """
    known = members()  # now, as there is no time for it once somebody writes
    if databases:
        _await_transaction([member.pid for member in known], databases)
        return tree.hold(_first_then(known, members))
    with process.ahead_of_all() as ahead:
        while writes.wait(INTERVAL):
            held = tree.hold(_first_then(known, members))
            if not ahead or random.choice((True, False)):
                return held
            writes.wait(0)  # what was written before they stood still
            tree.let_go(held)
    return []


def _await_transaction(pids: list[int], databases: Sequence[Path]) -> None:
    """A transaction begins without a visible write, and is over soon after its first one.

    On a busy host it would be over before it was seen and the bot stopped. So the bot is stopped in any case after a
    while, which is never the same, or a bot with the same pace would always be stopped at the same point.
    """
    deadline = time.monotonic() + random.uniform(0, _TRANSACTIONS)
    while time.monotonic() < deadline:
        if any(sqlite.being_written(pids, path) for path in databases):
            return
        time.sleep(_TRANSACTION)


def _first_then(known: list[psutil.Process], members: _Members) -> _Members:
    """Those who are known already at the first call, and who is there at later ones."""
    first = [known]
    return lambda: first.pop() if first else members()
