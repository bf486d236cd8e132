"""A lab's hosts, and the ways in to them that do not go through their sshd."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psutil

from fleet_stress.system.process import alive
from lab import groups, record
from lab.record import Folder

#: A deadline for anything that a lab does, in seconds; for machines that are busy.
WITHIN = 120.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabFailed(Exception):
    """A lab could not be brought up, or a host did not do what it was made to do."""


class Hosts:
    """The hosts of a living lab."""

    def __init__(self, folder: Folder) -> None:
        """Find the lab in a folder. Raises LabFailed where none lives."""
        self.folder = folder
        found = record.read(folder)
        if found is None or not record.alive(found["keeper"]):
            raise LabFailed(f"no living lab in {folder.path}")
        self.identity: str = found["id"]
        self.keeper: dict[str, Any] = found["keeper"]
        self.hosts: list[str] = list(found["hosts"])
        self.bridge: str = found["bridge"]
        self.disk: str = found["disk"]
        self.clocks: bool = bool(found.get("clocks"))
        #: For ansible-playbook's ``-i``.
        self.inventory = folder.inventory

    def init(self, host: str) -> int:
        """The pid of a host's process 1, seen from here. Raises LabFailed for a host without power."""
        found = self.has_power(host)
        if found is None:
            raise LabFailed(f"{host} has no power")
        return int(found["pid"])

    def has_power(self, host: str) -> dict[str, Any] | None:
        """A host's process 1 (``pid``, ``started``); None while it has no power."""
        found = self._noted(host)
        return found if found is not None and record.alive(found) else None

    def inside(
        self, host: str, argv: Sequence[str], *, check: bool = True, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as root in all of a host's namespaces and groups; stderr comes with stdout.

        Raises LabFailed when it ends with another code than 0, unless ``check`` is off.
        """
        init = self.init(host)
        return _run(init, ["--all", "--wd=/"], argv, check, stdin, lambda: groups.join(self.keeper, host))

    def outside(self, argv: Sequence[str], *, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program in the lab's own network, to which the hosts' cables lead, and where their disks are seen."""
        return _run(self.keeper["pid"], ["--net", "--mount"], argv, check, "", None)

    def disk_of(self, host: str) -> Path:
        """A host's disk, seen from here; there without power, too. What was changed on it lies in ``upper``."""
        return self._disks() / host

    def root_of(self, host: str) -> Path:
        """A host's root, seen from here, to read from it. Links in it lead elsewhere: never follow one."""
        return Path(f"/proc/{self.init(host)}/root")

    def _noted(self, host: str) -> dict[str, Any] | None:
        document = record.read(self.folder)
        found: dict[str, Any] | None = document["hosts"][host]["init"] if document else None
        return found

    def _disks(self) -> Path:
        return Path(f"/proc/{self.keeper['pid']}/root{self.folder.disks}")


def _run(
    pid: int, ways: list[str], argv: Sequence[str], check: bool, stdin: str, before: Callable[[], None] | None
) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        ["nsenter", f"--target={pid}", *ways, *argv],
        env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
        input=stdin,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=before,
    )
    if check and ended.returncode:
        raise LabFailed(f"{' '.join(argv)}: exit {ended.returncode}: {ended.stdout.strip()}")
    return ended


def until(true: Callable[[], object], told: str, within: float = WITHIN) -> None:
    """Wait for an event, with a deadline (seconds). Raises LabFailed."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            raise LabFailed(f"never: {told}")
        time.sleep(0.02)


def until_gone(processes: Sequence[psutil.Process], told: str) -> None:
    """Wait until all of them are dead; whoever has to may collect them later. Raises LabFailed."""
    until(lambda: not any(alive(process) for process in processes), told)
