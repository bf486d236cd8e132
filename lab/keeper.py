"""The one process that a lab hangs from: owns its network and its disks, and is the parent of every host.

When it ends, by SIGTERM or SIGKILL, the kernel ends the hosts (PR_SET_PDEATHSIG, and a process namespace dies with
its process 1), and with them all namespaces and mounts. Only control groups are left to remove.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from lab import groups, inventory, kernel, layers, macos, record

ROOT = Path(__file__).parents[1]
BRIDGE = "lab0"
#: Networks set aside for documentation (RFC 5737, RFC 3849); not those that the product's arenas use.
_V4, _V6 = "198.51.100.{}", "2001:db8:1::{:x}"
_OURS = 254
#: How long a host may take to be there, in seconds: a deadline, for machines that are busy.
_WITHIN = 120.0


class Keeper:
    """Brings the hosts up, and looks after them until it is told to end."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        self.folder = record.Folder(Path(wanted["folder"]))
        self.names: list[str] = wanted["hosts"]
        self.macs: list[str] = wanted["macs"]
        self.disk: str = wanted["disk"]
        self.clock: str | None = wanted["clock"]
        self.identity: str = wanted["id"]
        self.me = record.me()
        self.families = [_V4, *([_V6] if Path("/proc/sys/net/ipv6").exists() else [])]
        self.document = {
            "id": self.identity,
            "keeper": self.me,
            "ready": False,
            "bridge": BRIDGE,
            "disk": self.disk,
            "clocks": self.clock is not None,
            "macs": self.macs,
            "hosts": {name: {"address": self._addresses(name)[0], "init": None} for name in self.names},
        }
        self.inits: dict[str, subprocess.Popen[bytes]] = {}

    def _addresses(self, name: str) -> list[str]:
        return [family.format(self.names.index(name) + 1) for family in self.families]

    def up(self) -> None:
        """Make the network, the disks and all hosts. Raises what makes that impossible."""
        record.write(self.folder, self.document)
        kernel.unshare(kernel.NEW_NET | kernel.NEW_MOUNTS)
        kernel.mount(None, "/", kernel.RECURSIVE | kernel.PRIVATE)
        kernel.mount("tmpfs", self.folder.disks, kernel.NO_DEV, "mode=700,size=64m")
        self._make_layers()
        self._make_network()
        self.boot(self.names)
        self.document["ready"] = True
        record.write(self.folder, self.document)

    def _make_layers(self) -> None:
        names = {name: self._addresses(name) for name in self.names}
        key = self.folder.key.with_suffix(".pub").read_text("ascii")
        layers.image(self.folder.disks / "image", key, names, [ROOT, self.folder.path], self.clock)
        lines = [
            f"{inventory.address(self.identity, name)} {layers.seed(self.folder.disks / 'seeds' / name, name)}"
            for name in self.names
        ]
        for name in self.macs:
            macos.seed(self.folder.disks / "seeds" / name)
        self.folder.known_hosts.write_text("".join(lines), "ascii")

    def _make_network(self) -> None:
        for which in ("all", "default"):
            with contextlib.suppress(OSError):  # a kernel without IPv6
                Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6").write_text("0", "ascii")
        lines = ["link set lo up", f"link add {BRIDGE} type bridge stp_state 0"]
        for family in self.families:
            length, more = ("64", " nodad") if family is _V6 else ("24", "")
            lines.append(f"address add {family.format(_OURS)}/{length} dev {BRIDGE}{more}")
        lines.append(f"link set {BRIDGE} up")
        # Known for good: else a host whose link is down would be told unreachable within three seconds,
        # and what is to be had here is a host that says nothing.
        lines += [
            f"neighbour add {address} lladdr {self._mac(name)} dev {BRIDGE} nud permanent"
            for name in self.names
            for address in self._addresses(name)
        ]
        _ip(lines)

    def _mac(self, name: str) -> str:
        return f"02:00:c6:33:64:{self.names.index(name) + 1:02x}"

    def boot(self, names: list[str]) -> None:
        """Start hosts side by side, each on its disk as it is. Raises RuntimeError when one does not come up."""
        channels = {name: self._start(name) for name in names}
        deadline = time.monotonic() + _WITHIN
        for name, channel in channels.items():
            self._expect(name, channel, b"n", deadline)
            pid = self.inits[name].pid
            groups.make(self.me, name)
            groups.join(self.me, name, pid)
            self._lay_cable(name, pid)
            channel.sendall(b"g")
        for name, channel in channels.items():
            self._expect(name, channel, b"u", deadline)
            channel.close()
            pid = self.inits[name].pid
            self.document["hosts"][name]["init"] = {"pid": pid, "started": kernel.started(pid)}
        record.write(self.folder, self.document)

    def _start(self, name: str) -> socket.socket:
        disk = self.folder.disks / name
        if not disk.exists():
            disk.mkdir()
            kernel.mount("tmpfs", disk, kernel.NO_DEV, f"mode=755,size={self.disk}")
            for part in ("upper", "work", "root"):
                (disk / part).mkdir(mode=0o755)
        ours, theirs = socket.socketpair()
        wanted = {
            "name": name,
            "channel": theirs.fileno(),
            "addresses": [f"{address}/{64 if ':' in address else 24}" for address in self._addresses(name)],
            "disk": str(disk),
            "layers": [f"../seeds/{name}", "../image", "/"],
        }
        with _new_processes():
            self.inits[name] = subprocess.Popen(
                [sys.executable, "-m", "lab.host_init", json.dumps(wanted)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                preexec_fn=_as_an_init,
            )
        theirs.close()
        return ours

    def _expect(self, name: str, channel: socket.socket, word: bytes, deadline: float) -> None:
        channel.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            said = channel.recv(1)
        except TimeoutError:
            said = b"?"
        if said != word:
            raise RuntimeError(f"{name} did not come up (waited for {word!r}, got {said!r})")

    def _lay_cable(self, name: str, pid: int) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):  # of a host that lost its power just now
            _ip([f"link delete {name}"], told=False)
        _ip(
            [
                f"link add {name} type veth peer name eth0 address {self._mac(name)} netns {pid}",
                f"link set {name} master {BRIDGE} up",
            ]
        )

    def stay(self, orders: int) -> None:
        """Look after the hosts: note who has died, boot who is to be booted. Ends by a signal only."""
        died, tell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(tell, warn_on_full_buffer=False)
        signal.raise_signal(signal.SIGCHLD)  # for whoever has died before
        while True:
            ready, _, _ = select.select([orders, died], [], [])
            if died in ready:
                os.read(died, 4096)
            gone = [name for name, init in self.inits.items() if init.poll() is not None]
            for name in gone:
                del self.inits[name]
                self.document["hosts"][name]["init"] = None
            if gone:
                record.write(self.folder, self.document)
            for name in os.read(orders, 4096).decode().split() if orders in ready else []:
                if name in self.names and name not in self.inits:
                    self.boot([name])

    def down(self) -> None:
        """End all hosts, so that who talks to them hears of it while there still is a network."""
        for init in self.inits.values():
            init.kill()
        for init in self.inits.values():
            init.wait()


def _as_an_init() -> None:
    kernel.die_with_parent()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def _new_processes() -> Iterator[None]:
    """Who is started meanwhile is process 1 of a new process namespace."""
    own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    kernel.unshare(kernel.NEW_PIDS)
    try:
        yield
    finally:
        kernel.enter(own, kernel.NEW_PIDS)
        os.close(own)


def _ip(lines: list[str], *, told: bool = True) -> None:
    subprocess.run(
        ["ip", "-batch", "-"],
        input="\n".join(lines),
        text=True,
        check=True,
        stderr=None if told else subprocess.DEVNULL,
    )


def _end(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main() -> None:
    """Keep the lab that the one argument describes."""
    wanted = json.loads(sys.argv[1])
    if wanted["parent"] is not None:
        kernel.die_with_parent()
        if os.getppid() != wanted["parent"]:
            return  # it died before it could be said
    signal.signal(signal.SIGTERM, _end)
    keeper = Keeper(wanted)
    orders = os.open(keeper.folder.orders, os.O_RDWR | os.O_CLOEXEC)
    try:
        keeper.up()
        keeper.stay(orders)
    finally:
        keeper.down()


if __name__ == "__main__":
    main()
