"""Sends a signal to those of a bot's processes that a service manager sends it to.

Asking to stop goes to the main process alone, unless the profile says otherwise (``signals_to``): that is what
``docker stop`` and Kubernetes do (the first process of the container), supervisord (``stopasgroup=false``, its
default), launchd, and systemd with ``KillMode=mixed`` or ``process``. ``all`` is systemd's default,
``KillMode=control-group``; ``group`` is what a terminal does on Ctrl-C, and supervisord with ``stopasgroup=true``.
Sources: systemd.kill(5), docker-stop(1), the Kubernetes documentation on the termination of pods, the configuration of
supervisord.

SIGKILL always goes to all: nobody can pass it on, and each of them ends the rest with it (systemd the control group,
the kernel the PID namespace of a container).
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

import psutil

from fleet_stress.system import tree


def addressees(name: str, wanted: str) -> str:
    """``main``, ``group`` or ``all``: to whom this signal goes in a bot whose profile says ``wanted``."""
    return "all" if name == "KILL" else wanted


def send(name: str, to: str, main: psutil.Process, members: Callable[[], list[psutil.Process]]) -> None:
    """Send it to the main process, to its process group, or to all ``members``, the main process first."""
    number = int(getattr(signal, f"SIG{name}"))
    if name == "KILL":
        # Stopped first: none of them sees another one end, or starts one more.
        reached = [main, *tree.stop(members)]
    elif to == "group":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(os.getpgid(main.pid), number)
        return
    else:
        reached = [main, *(members() if to == "all" else ())]
    for member in {member.pid: member for member in reached}.values():
        with contextlib.suppress(psutil.Error):
            member.send_signal(number)
