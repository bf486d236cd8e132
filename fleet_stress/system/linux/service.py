"""Linux: a program of ours that the system looks after: a transient unit, where systemd runs (systemd-run(1))."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from fleet_stress.system.programs import run

__all__ = ["end_service", "start_apart", "start_service"]

#: Of a supervisor's unit. Not started again: whoever watches hands the plan over once more. Whom it started it ends
#: itself, which it takes longer for than a unit is usually given; and a bot that the kernel kills for its memory, in a
#: group below, is no reason to end the unit (OOMPolicy=, which Delegate= sets to continue; systemd.service(5)).
_APART = (
    *("--property=Type=exec", "--property=KillMode=process", "--property=TimeoutStopSec=300"),
    *("--property=Delegate=yes", "--property=TasksMax=infinity"),
)


def has_service_manager() -> bool:
    """Whether systemd is the init that runs here (sd_booted(3))."""
    return Path("/run/systemd/system").is_dir()


def start_service(argv: Sequence[str], name: str, record: Path, log: Path) -> bool:
    """Have the system run a program, out of the session that brought us here, and start it again when it is killed.

    False: the system does that for nobody here, or not for us; nothing was started.

    Args:
        argv: Its command line, the program by its absolute path.
        name: Tells it from others of ours.
        record: Where a system that keeps its services until they are taken away has it written down how to.
            systemd does not: what has ended is collected, and nothing is left of it.
        log: Where it says what it has to say; systemd keeps that in its own.
    """
    del record, log
    if os.geteuid() != 0 or not has_service_manager():
        return False
    unit = f"fleet-stress-{name}-{os.getpid()}".replace(".", "-")
    about = ("--collect", "--quiet", "--property=Type=exec", "--property=Restart=on-failure")
    return run(["systemd-run", f"--unit={unit}", *about, *argv]).code == 0


def start_apart(argv: Sequence[str], name: str, log: Path, environment: Mapping[str, str]) -> int | None:
    """Have the system run a program in no login's session; returns its pid, 0 if it has ended already.

    Where logind is told to (KillUserProcesses=, logind.conf(5)), it kills at a logout whatever is in the control group
    of the login's session: also what has a session of its own (setsid(2)), and what root has started there.
    None: the system does that for nobody here, or not for us; nothing was started.

    Args:
        argv: Its command line, the program by its absolute path.
        name: Tells it from others of ours.
        log: Where it says what it has to say, and what it has to say of its end.
        environment: All of its environment.
    """
    if os.geteuid() != 0 or not has_service_manager():
        return None
    # systemd would make the log readable for everybody.
    os.close(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600))
    unit = f"fleet-stress-{name}-{os.getpid()}".replace(".", "-")
    outputs = [f"--property=Standard{stream}=append:{log}" for stream in ("Output", "Error")]
    variables = [f"--setenv={variable}={value}" for variable, value in environment.items()]
    options = ["--collect", "--quiet", *_APART, *outputs, *variables]
    if run(["systemd-run", f"--unit={unit}", *options, *argv]).code != 0:
        return None
    pid = run(["systemctl", "show", "--property=MainPID", "--value", f"{unit}.service"]).stdout.strip()
    return int(pid) if pid.isdecimal() else 0


def end_service(record: Path) -> None:
    """Take a service away: nothing is left of one that has ended."""
    del record
