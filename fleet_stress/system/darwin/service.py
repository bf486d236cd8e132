"""macOS: a program of ours that the system looks after: a job of launchd (launchd.plist(5), launchctl(1)).

A job stays loaded when its program has ended, so how to take it away is on disk before it is loaded: the job's own
property list, which lies below our folder and not in /Library/LaunchDaemons. So nothing of ours starts at boot.
"""

from __future__ import annotations

import os
import plistlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.parsers.expat import ExpatError

from fleet_stress.store.atomic import sync_folder
from fleet_stress.system.programs import run

__all__ = ["end_service", "start_apart", "start_service"]

#: How our labels begin; nothing else is ever taken away.
LABEL = "fleet-stress."
_DOMAIN = "system"
#: A job that is asked to end is killed after its ExitTimeOut, 20 s by default (launchd.plist(5)).
_GONE_WITHIN = 30.0


def start_service(argv: Sequence[str], name: str, record: Path, log: Path) -> bool:
    """Have launchd run a program, out of the session that brought us here, and start it again when it is killed.

    False: only root may (the domain ``system``), or launchd would not; nothing was started.

    Args:
        argv: Its command line, the program by its absolute path. It stays in the foreground: launchd takes a job
            whose program forks and exits for one that has ended.
        name: Tells it from others of ours.
        record: Where the job's property list is written.
        log: Where it says what it has to say.
    """
    if os.geteuid() != 0:
        return False
    label = f"{LABEL}{name}"
    # One that has ended is still loaded: started again at once, whatever launchd waits for.
    if record.exists() and run(["launchctl", "kickstart", f"{_DOMAIN}/{label}"]).code == 0:
        return True
    _write(record, property_list(argv, label, log))
    run(["launchctl", "bootstrap", _DOMAIN, str(record)])
    # Not by its exit code, which has been seen to tell of an error while the job was being loaded. For the same
    # reason the record stays where it is not: whoever takes the service away looks once more.
    return _loaded(f"{_DOMAIN}/{label}")


def start_apart(argv: Sequence[str], name: str, log: Path, environment: Mapping[str, str]) -> int | None:
    """None: nothing here ends what has a session of its own when a login ends."""
    del argv, name, log, environment
    return None


def property_list(argv: Sequence[str], label: str, log: Path) -> dict[str, Any]:
    """A job that runs at once, and again when its program was killed, or every minute while it does not run.

    Not ``StartInterval``: what falls into a time of sleep is missed, where a calendar's is caught up with when the
    Mac wakes (launchd.plist(5)). A program that finds nothing to do ends at once.
    """
    return {
        "Label": label,
        "ProgramArguments": list(argv),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "StartCalendarInterval": [{"Minute": minute} for minute in range(60)],
        # Without it launchd holds a job's processor time and disk back.
        "ProcessType": "Interactive",
        "EnvironmentVariables": {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "en_US.UTF-8"},
        "WorkingDirectory": "/",
        "StandardOutPath": str(log),
        "StandardErrorPath": str(log),
    }


def end_service(record: Path) -> None:
    """Take a service away; repeatable, and right for one that was never loaded. Raises OSError when it stays.

    Whoever is that service is ended by it: the record is then removed by the next who looks.
    """
    try:
        label = str(plistlib.loads(record.read_bytes())["Label"])
    except FileNotFoundError:
        return
    except (
        plistlib.InvalidFileException,
        ExpatError,
        KeyError,
        TypeError,
        ValueError,
    ):  # cut off: never loaded
        label = ""
    if label.startswith(LABEL):
        _take_away(f"{_DOMAIN}/{label}")
    record.unlink(missing_ok=True)


def _loaded(service: str) -> bool:
    """launchctl(1): ``print`` ends with an error where there is no such service."""
    return run(["launchctl", "print", service]).code == 0


def _take_away(service: str) -> None:
    """``bootout`` returns before the job is gone, and tells of an error while it is going."""
    deadline = time.monotonic() + _GONE_WITHIN
    while _loaded(service):
        ended = run(["launchctl", "bootout", service])
        if time.monotonic() > deadline:
            raise OSError(f"{service} is still loaded: {ended.message}")
        time.sleep(0.05)


def _write(record: Path, document: dict[str, Any]) -> None:
    """On disk before launchd hears of it; launchd takes it from its owner root alone, writable for nobody else."""
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(descriptor, "wb") as stream:
        plistlib.dump(document, stream)
        stream.flush()
        os.fsync(stream.fileno())
    sync_folder(record.parent)
