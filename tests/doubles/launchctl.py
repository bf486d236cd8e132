"""launchctl(1), launchd.plist(5): ``bootstrap system FILE``; ``bootout``, ``kickstart`` and ``print system/LABEL``.

A property list has to belong to root and be writable for nobody else (else: bootstrap failed, 5: Input/output error). A
loaded job whose program has ended stays loaded. What launchd does by itself as time passes (KeepAlive, calendars) is
``fire`` here: a test calls it. A job's program is really started.
"""

import os
import plistlib
import signal
import stat
from pathlib import Path

from tests.doubles.processes import lives
from tests.doubles.state import Refused

_KEYS = {"Label", "ProgramArguments", "RunAtLoad", "KeepAlive", "StartCalendarInterval", "ProcessType"}
_KEYS |= {"EnvironmentVariables", "WorkingDirectory", "StandardOutPath", "StandardErrorPath"}
_CALENDAR = {"Month": (1, 12), "Day": (1, 31), "Weekday": (0, 7), "Hour": (0, 23), "Minute": (0, 59)}


def run(name, argv, mac):
    """One subcommand; the domain is ``system``, which only root may change."""
    jobs = mac.setdefault("launchd", {})
    match argv:
        case ["bootstrap", "system", path]:
            return _bootstrap(jobs, Path(path))
        case ["print", target]:
            job = _find(
                jobs, target, f'Bad request.\nCould not find service "{target[7:]}" in domain for system', 113
            )
            return f"{target} = {{\n\tstate = {'running' if _pid(job) else 'not running'}\n}}\n"
        case ["bootout", target]:
            job = _find(jobs, target, "Boot-out failed: 3: No such process", 3)
            del jobs[target[len("system/") :]]
            if _pid(job):
                os.kill(job["pid"], signal.SIGTERM)
            return ""
        case ["kickstart", target]:
            job = _find(jobs, target, f'Could not find service "{target[7:]}" in domain for system', 113)
            if not _pid(job):
                job["pid"] = _start(job["plist"])
            return ""
    raise Refused(64, f"Unrecognized subcommand or usage: {' '.join(argv)}")


def _bootstrap(jobs, path):
    failed = "Bootstrap failed: 5: Input/output error"
    if not path.is_absolute() or not path.is_file():
        raise Refused(2, f"{path}: No such file or directory")
    status = path.stat()
    if status.st_uid != 0 or stat.S_IMODE(status.st_mode) & 0o022:
        raise Refused(5, failed)
    plist = plistlib.loads(path.read_bytes())
    unknown = set(plist) - _KEYS
    if unknown:
        raise Refused(5, f"the double knows no {', '.join(sorted(unknown))}")
    program = plist["ProgramArguments"][0]
    calendar = plist.get("StartCalendarInterval", [])
    for entry in calendar if isinstance(calendar, list) else [calendar]:
        if not entry or any(
            not low <= entry[key] <= high for key, (low, high) in _CALENDAR.items() if key in entry
        ):
            raise Refused(5, failed)
    if not Path(program).is_absolute() or plist["Label"] in jobs:
        raise Refused(5, failed)
    pid = _start(plist) if plist.get("RunAtLoad") or plist.get("KeepAlive") else None
    jobs[plist["Label"]] = {"plist": plist, "pid": pid}
    return ""


def _start(plist):
    argv, log = plist["ProgramArguments"], plist["StandardErrorPath"]
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    try:
        return os.posix_spawn(
            argv[0], argv, plist.get("EnvironmentVariables", {}), file_actions=actions, setsid=True
        )
    except OSError:  # launchd goes on trying, and says nothing to whoever loaded it
        return None


def _find(jobs, target, told, code):
    if not target.startswith("system/") or target[len("system/") :] not in jobs:
        raise Refused(code, told)
    return jobs[target[len("system/") :]]


def _pid(job):
    return job["pid"] if lives(job["pid"]) else None


def fire(mac):
    """A minute has gone by: each job with a calendar whose program does not run is started."""
    for job in mac.get("launchd", {}).values():
        if job["plist"].get("StartCalendarInterval") and not _pid(job):
            job["pid"] = _start(job["plist"])


def left(mac):
    """Jobs that are loaded."""
    return [f"launchd has the job {label}" for label in mac.get("launchd", {})]
