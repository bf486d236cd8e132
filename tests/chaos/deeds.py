"""What chaos does to a host in mid-run: each deed is done at its moment, and healed afterwards where it does not end.

A deed is aimed by pid, at processes of the host that is meant. It returns False where its aim was not there (any
more): then it was not done, and is not counted.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from random import Random

import psutil

from lab.hosts import until
from lab.lab import Lab
from tests.living import signal_each

Deed = Callable[[Lab, str, Random], bool]


def _kill_of_ours(lab: Lab, host: str, chance: Random, word: str) -> bool:
    aims = [
        process for process in lab.processes(host) if process.argv[1:5] == ["-I", "-m", "fleet_stress", word]
    ]
    return bool(aims) and _killed(chance.choice(aims).pid)


def _killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def supervisor(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to the supervisor."""
    return _kill_of_ours(lab, host, chance, "supervise")


def arena(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to one arena's process."""
    return _kill_of_ours(lab, host, chance, "arena")


def watchdog(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to the watchdog."""
    return _kill_of_ours(lab, host, chance, "watchdog")


def all_of_ours(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to supervisor, watchdog and arenas at once: nobody on the host is left to undo."""
    aims = [process for process in lab.processes(host) if process.argv[1:4] == ["-I", "-m", "fleet_stress"]]
    signal_each(signal.SIGSTOP, aims)  # nobody may react to another's death
    killed = [_killed(aim.pid) for aim in aims]
    return any(killed)


def sshd(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to all of the host's sshd, sessions too; its process 1 starts it again."""
    lab.kill_sshd(host)
    until(lambda: lab.listens(host), f"sshd of {host} is back")
    return True


def one_ssh(lab: Lab, host: str, chance: Random) -> bool:
    """SIGKILL to one ssh client of the controller that speaks with the host."""
    name = f"{host}.{lab.identity}"
    aims = []
    for process in psutil.process_iter(["name", "cmdline"]):
        words = process.info["cmdline"] or []
        if process.info["name"] == "ssh" and any(name in word for word in words):
            aims.append(process.pid)
    return bool(aims) and _killed(chance.choice(aims))


def link_down_for_a_while(lab: Lab, host: str, chance: Random) -> bool:
    """The host's cable is out for some seconds."""
    lab.link_down(host)
    time.sleep(chance.uniform(0.5, 6.0))
    lab.link_up(host)
    return True


def link_down_for_good(lab: Lab, host: str, chance: Random) -> bool:
    """The host's cable is out until the command has given it up."""
    lab.link_down(host)
    return True


def full_disk(lab: Lab, host: str, chance: Random) -> bool:
    """Not a byte is free on the host's disk, until the command has ended."""
    lab.fill_disk(host)
    return True


def clock_step(lab: Lab, host: str, chance: Random) -> bool:
    """The host's clock is set, forward or back."""
    lab.step_clock(host, chance.choice([-86_400, -3_600, -60, 60, 3_600, 86_400]))
    return True


def power_cut(lab: Lab, host: str, chance: Random) -> bool:
    """The host goes off and boots again."""
    lab.power_cut(host)
    return True


#: By name; the table at the end has them in this order.
DEEDS: dict[str, Deed] = {
    item.__name__: item
    for item in (
        supervisor,
        arena,
        watchdog,
        all_of_ours,
        sshd,
        one_ssh,
        link_down_for_a_while,
        link_down_for_good,
        full_disk,
        clock_step,
        power_cut,
    )
}


def heal(lab: Lab, host: str) -> None:
    """Whatever was done to a host ends."""
    lab.link_up(host)
    lab.unmute(host)
    lab.free_disk(host)
    if lab.clocks:
        lab.step_clock(host, 0)
