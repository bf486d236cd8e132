"""The watchdog: a process in its own session that undoes when the supervisor is dead or a lease has expired.

It is armed before anything is done to a host, and reads the lease again at each look. One watches a run, another the
held faults. Where the system supervises programs (systemd, launchd: ``system.start_service``), it restarts a watchdog
that was killed; elsewhere the watchdog is a plain process, which the supervisor, or a renewal, arms again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Callable

from fleet_stress import system
from fleet_stress.recovery import host_lock, lease, stop_run
from fleet_stress.recovery.host_lock import Busy, FileLock
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.recover import recover
from fleet_stress.store.deadline import wait_until
from fleet_stress.store.layout import MARKER, RunFolder, mark_of
from fleet_stress.system import daemon, own_python

#: Deadlines in seconds for it to watch after its start: as a plain process, and as a service.
_ARMED_WITHIN = 60.0
_SERVED_WITHIN = 20.0
_DISMISSED_WITHIN = 10.0
#: Seconds between two looks, and after a failed undo.
_LOOK, _TRY_AGAIN = 0.5, 5.0
#: Attempts to undo a dead run; ``recover`` does what is left.
_ATTEMPTS = 12


class NotArmed(Exception):
    """No watchdog is running, so nothing may be done to the host."""


def arm_for_run(run: RunFolder) -> None:
    """Start watching the run; returns once it is watched. Raises NotArmed."""
    _arm(["watchdog", str(run.path)], run.watchdog, run.watchdog_record, f"watchdog.{run.mark}")


def arm_for_held(stress_dir: Path) -> None:
    """Start watching the held faults; returns once they are watched. Raises NotArmed."""
    words = ["watchdog-held", "--stress-dir", str(stress_dir)]
    name = f"watchdog.{mark_of('held', stress_dir)}"
    _arm(words, records.watchdog_guard(stress_dir), records.watchdog_record(stress_dir), name)


def pid(run: RunFolder) -> int | None:
    """The pid of the run's watchdog; None: there is none."""
    return host_lock.pid_of(host_lock.holder_of(run.watchdog) or {})


def dismiss(run: RunFolder) -> None:
    """End the watchdog of a run that has its result and no active fault, and wait until it is gone.

    So the run's folder can be removed once the host is free. A watchdog that does not end sees the result and ends.
    """
    with contextlib.suppress(OSError):
        system.end_service(run.watchdog_record)
    deadline = time.monotonic() + _DISMISSED_WITHIN
    while (watching := pid(run)) is not None and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            os.kill(watching, signal.SIGTERM)
        time.sleep(0.01)


def watch_run(run_dir: Path) -> int:
    """Watch a run until it has its result; undo it when its supervisor dies, end it when its lease does."""
    run = RunFolder(run_dir)
    if not run.path.is_dir():
        return 0
    try:
        guard = FileLock(run.watchdog, {"doing": "watching"})
    except Busy:
        return 0
    with guard, _in_folder(run.path) as now:
        if not _watched(now):
            return 1
        if (folder := now()) is not None:
            system.end_service(
                RunFolder(folder).watchdog_record
            )  # under launchd this ends the present process
    return 0


@contextlib.contextmanager
def _in_folder(folder: Path) -> Iterator[Callable[[], Path | None]]:
    """Work in a folder, which we then find also when one above it is renamed.

    Gives what tells its path of the moment; None: the folder is gone.
    """

    def now() -> Path | None:
        try:
            return Path.cwd()
        except FileNotFoundError:
            return None

    os.chdir(folder)
    try:
        yield now
    finally:
        os.chdir("/")


def _watched(now: Callable[[], Path | None]) -> bool:
    """Watch the run whose folder is that, then undo; True: nothing is left to do."""
    while True:
        if (folder := now()) is None:
            return True
        run = RunFolder(folder)
        if run.result.exists() or not host_lock.holds(run.stress_dir, run.run_id):
            break
        if lease.left(run.lease) <= 0:
            _note(run, "lease_ended")
            stop_run.end_run(run.stress_dir)
        time.sleep(_LOOK)
    if run.result.exists():
        return True
    _note(run, "supervisor_gone")
    for _ in range(_ATTEMPTS):
        if (folder := now()) is None or not recover(RunFolder(folder).stress_dir)["failed"]:
            return True
        time.sleep(_TRY_AGAIN)
    return False


def watch_held(stress_dir: Path) -> int:
    """Watch the held faults until there are none; undo each when its lease has expired."""
    try:
        guard = FileLock(records.watchdog_guard(stress_dir), {"doing": "watching"})
    except Busy:
        return 0
    with _in_folder(stress_dir):
        _watch_held(Path(), guard)
    return 0


def _watch_held(here: Path, guard: FileLock) -> None:
    """``here`` leads to our folder wherever it is by now."""
    told: set[str] = set()
    while (here / MARKER).exists():
        wait = _LOOK
        for name, left in records.held(here).items():
            if left <= 0:
                for failure in records.undo(here, name, only_if_run_out=True):
                    if failure not in told:  # it may last until somebody comes
                        print(failure, file=sys.stderr, flush=True)
                        told.add(failure)
                    wait = _TRY_AGAIN
        # The lock keeps anybody from holding a fault between this look and our end.
        with records.Records(here, "watchdog"):
            if not records.held(here):
                system.end_service(
                    records.watchdog_record(here)
                )  # under launchd this ends the present process
                guard.release()
                return
        time.sleep(wait)


def _note(run: RunFolder, what: str) -> None:
    """Write it to the journal; a full disk must not keep us from undoing."""
    try:
        journal = Journal(run.journal, "watchdog")
        journal.write(what)
        journal.close()
    except OSError as problem:
        print(problem, file=sys.stderr, flush=True)


def _arm(words: Sequence[str], guard: Path, record: Path, name: str) -> None:
    argv, log = own_python.argv("fleet_stress", *words), guard.with_suffix(".log")
    if host_lock.holder_of(guard) is not None:
        return
    # A system may accept a program and then not start it, for example in a folder that others may write to.
    if system.start_service(argv, name, record, log) and _watches(guard, _SERVED_WITHIN):
        return
    system.end_service(record)
    daemon.start(argv, log)
    if not _watches(guard, _ARMED_WITHIN):
        raise NotArmed(f"no watchdog is there {_ARMED_WITHIN:g} s after it was started; see {log}")


def _watches(guard: Path, within: float) -> bool:
    """Wait until a watchdog holds the lock ``guard``, at most so many seconds."""
    return wait_until(lambda: host_lock.holder_of(guard) is not None, within, 0.02)
