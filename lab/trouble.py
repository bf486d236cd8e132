"""What can be done to a lab's hosts."""

from __future__ import annotations

import contextlib
import os

import psutil

from lab import clock
from lab.hosts import Hosts, LabFailed, until, until_gone


class Trouble(Hosts):
    """All of it is done from outside, and needs nothing of the host."""

    def link_down(self, host: str) -> None:
        """Pull the cable out of the switch: the host's link loses its carrier. Whoever calls hears nothing."""
        self.outside(["ip", "link", "set", host, "down"])

    def link_up(self, host: str) -> None:
        """Put the cable back."""
        self.outside(["ip", "link", "set", host, "up"])

    def mute(self, host: str) -> None:
        """Lose every packet to and from a host, while its link looks well: one that never answers."""
        self.outside(["ip", "link", "set", host, "nomaster"])

    def unmute(self, host: str) -> None:
        """Let packets through again."""
        self.outside(["ip", "link", "set", host, "master", self.bridge])

    def kill_sshd(self, host: str) -> None:
        """SIGKILL to all of sshd, sessions too; process 1 starts it again (``listens`` tells when).

        Returns when the killed are gone: until then the old one's socket still listens, and answers nobody.
        """
        killed = []
        for child in psutil.Process(self.init(host)).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if child.name() == "sshd":
                    child.kill()
                    killed.append(child)
        until_gone(killed, f"sshd of {host} is dead")

    def power_off(self, host: str) -> None:
        """SIGKILL to process 1: everything that runs on the host is gone, ``/run`` and rules too. Its disk stays.

        What was written but not yet synced stays as well, which a real disk would not promise.
        """
        process = psutil.Process(self.init(host))
        processes = [process, *process.children(recursive=True)]
        process.kill()
        until_gone(processes, f"{host} is off")
        until(lambda: self._noted(host) is None, f"the keeper notes that {host} is off")

    def power_on(self, host: str) -> None:
        """Boot a host that is off, with its disk as it was; it is there when this returns."""
        try:
            orders = os.open(self.folder.orders, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as problem:
            raise LabFailed(f"the lab's keeper does not listen: {problem}") from None
        os.write(orders, f"{host}\n".encode())
        os.close(orders)
        until(lambda: self.has_power(host), f"{host} boots")

    def power_cut(self, host: str) -> None:
        """Off, and on again."""
        self.power_off(host)
        self.power_on(host)

    def fill_disk(self, host: str) -> None:
        """Not a byte is free on the host's disk, whoever asks. It is made smaller, so this costs no memory."""
        disk = self.disk_of(host)
        with contextlib.suppress(OSError):  # full already
            (disk / "ballast").write_bytes(b"-" * os.sysconf("SC_PAGE_SIZE"))  # a size of 0 would mean any

        def full() -> bool:
            seen = os.statvfs(disk)
            if seen.f_bfree:
                self._resize(host, str((seen.f_blocks - seen.f_bfree) * seen.f_frsize))
            return os.statvfs(disk).f_bfree == 0

        until(full, f"the disk of {host} is full")

    def free_disk(self, host: str) -> None:
        """Undo ``fill_disk``."""
        self._resize(host, self.disk)
        (self.disk_of(host) / "ballast").unlink(missing_ok=True)

    def _resize(self, host: str, size: str) -> None:
        # Somebody may have written meanwhile; it is refused then, and tried again.
        path = str(self.folder.disks / host)
        self.outside(["mount", "-o", f"remount,size={size}", path], check=False)

    def step_clock(self, host: str, seconds: int) -> None:
        """Step the host's time of day, forward or back; CLOCK_MONOTONIC and this machine's clock stay true.

        Every program on it sees that at once. Takes a lab with ``clocks``; raises LabFailed otherwise.
        """
        if not self.clocks:
            raise LabFailed("this lab was made without clocks: Lab.up(..., clocks=True)")
        clock.step(self.root_of(host), seconds)
