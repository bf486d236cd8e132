"""A lab, for whoever uses one: bring it up, do things to its hosts, see what is on them, and end it.

    with Lab.up(folder, hosts=2) as lab:            # a test's own: gone with the test's process
        lab.inside("lab01", ["touch", "/var/tmp/x"])
        lab.link_down("lab01")
        lab.changed_files("lab01")                  # ["/var/tmp/x"]

Host names are ``lab01`` and so on. Everything is done from outside, through the keeper's namespaces; a host's own
sshd is not needed for anything here.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lab import clock, groups, inventory, layers, macos, record
from lab.hosts import WITHIN, LabFailed, until
from lab.record import Folder
from lab.sight import Sight
from lab.trouble import Trouble

ROOT = Path(__file__).parents[1]
MOST = 200
#: Keepers that nobody here waits for.
_OUTLIVE_US: list[subprocess.Popen[bytes]] = []


class Lab(Sight, Trouble):
    """A lab that is up. ``Lab.up`` makes one, ``Lab(Folder(path))`` finds one that somebody else has made."""

    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    def up(
        cls,
        path: Path,
        hosts: int,
        *,
        macs: int = 0,
        disk: str = "1g",
        clocks: bool = False,
        detached: bool = False,
    ) -> Lab:
        """Bring up a lab in a folder, which is made, or replaced when a dead lab is in it.

        Args:
            path: The folder; private to root, and nothing else may be in it.
            hosts: How many, 1 to 200.
            macs: So many more that play a Mac (macos.py), ``mac01-double`` and so on.
            disk: The size of each host's disk, as mount(8) reads it: it is memory, used as it is written to.
            clocks: Their clocks can be stepped; takes a C compiler.
            detached: It outlives the calling process; else it ends with the thread that called.

        Raises LabFailed with what its keeper said.
        """
        if not 1 <= hosts <= MOST - macs:
            raise LabFailed(f"a lab has 1 to {MOST} hosts, not {hosts}: write a number between")
        groups.remove_dead()
        folder = Folder(path)
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _take(lock, folder)
            width = max(2, len(str(hosts)))
            names = [f"lab{number:0{width}}" for number in range(1, hosts + 1)]
            doubles = [f"mac{number:0{width}}{macos.ENDING}" for number in range(1, macs + 1)]
            wanted = {
                "folder": str(folder.path),
                "id": secrets.token_hex(3),
                "hosts": [*names, *doubles],
                "macs": doubles,
                "disk": disk,
                "clock": str(clock.build(folder.clock)) if clocks else None,
                "parent": None if detached else os.getpid(),
            }
            keeper = _start_keeper(folder, wanted, lock)
        finally:
            os.close(lock)
        _await_ready(folder, keeper)
        lab = cls(folder)
        if detached:
            _OUTLIVE_US.append(keeper)
        else:
            lab._process = keeper
        inventory.write(folder)
        return lab

    def ssh(self, host: str, *more: str) -> list[str]:
        """The command line that logs in to a host; a command for it comes last, options of ssh before.

        The first of two values that ssh is told for an option holds.
        """
        words = [
            *more[:-1],
            *inventory.options(self.folder),
            "-i",
            str(self.folder.key),
            "-o",
            "BatchMode=yes",
        ]
        name = inventory.address(self.identity, host)
        return ["ssh", *words, f"{layers.USER}@{name}", *more[-1:]]

    def __enter__(self) -> Lab:
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def down(self) -> None:
        """End all of it, and remove what the kernel does not; repeatable, and right for a killed keeper."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                if record.alive(self.keeper):
                    os.kill(self.keeper["pid"], number)
            with contextlib.suppress(LabFailed):
                until(lambda: not record.alive(self.keeper), "the keeper ends", WITHIN / 4)
                break
        if self._process:
            self._process.wait()
        groups.remove_dead()


def _take(lock: int, folder: Folder) -> None:
    """Take the folder: whoever keeps a lab in it holds the lock for as long as it lives."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LabFailed(f"a lab is up in {folder.path} already: make lab-down ends it") from None
    strangers = sorted(path.name for path in folder.path.iterdir() if path not in folder.ours)
    if strangers:
        told = f"{folder.path} is no lab's folder: {', '.join(strangers[:5])} in it"
        raise LabFailed(f"{told}; name one that is empty")
    for path in folder.path.iterdir():
        if path == folder.disks:
            path.rmdir()  # always empty, but in the keeper's eyes
        elif path != folder.lock:
            path.unlink()


def _start_keeper(folder: Folder, wanted: Mapping[str, object], lock: int) -> subprocess.Popen[bytes]:
    folder.disks.mkdir()
    os.mkfifo(folder.orders, 0o600)
    layers.new_key(folder.key, "lab")
    with folder.log.open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "lab.keeper", json.dumps(dict(wanted))],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock],
        )


def _await_ready(folder: Folder, keeper: subprocess.Popen[bytes]) -> None:
    def ready() -> bool:
        if keeper.poll() is not None:
            said = folder.log.read_text("utf-8", "replace").strip()
            raise LabFailed(f"the lab did not come up:\n{said}")
        document = record.read(folder)
        return bool(document and document["ready"])

    try:
        until(ready, "the lab is up", 2 * WITHIN)
    except BaseException:
        keeper.kill()
        keeper.wait()
        raise
