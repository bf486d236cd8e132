"""Process 1 of a lab's host: makes the host's own world, then keeps its sshd running and collects orphans.

The keeper starts it in a new process namespace, and tells it what to be in one JSON argument. All that is imported
is imported before this machine's root is left: afterwards this project is out of sight.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

from lab import clock, groups, kernel

SSHD = ("/usr/sbin/sshd", "-D", "-f", "/etc/ssh/sshd_config", "-E", "/run/sshd.log")
#: Where sshd is started again, it takes so long at most (seconds).
_PAUSE = 0.3
#: What no program on a host may do, root's neither: set this machine's clock, load modules, touch its devices.
_FORGONE = {"CAP_SYS_MODULE": 16, "CAP_SYS_RAWIO": 17, "CAP_SYS_TIME": 25}
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "fuse")


def main() -> None:
    """Become a host."""
    wanted = json.loads(sys.argv[1])
    keeper = socket.socket(fileno=wanted["channel"])
    kernel.unshare(kernel.NEW_NET | kernel.NEW_MOUNTS | kernel.NEW_UTS | kernel.NEW_IPC)
    keeper.sendall(b"n")  # the network is there: the keeper lays the cable, and puts us into our groups
    if keeper.recv(1) != b"g":
        sys.exit("the keeper is gone")
    kernel.unshare(kernel.NEW_CGROUP)
    socket.sethostname(wanted["name"])
    _network(wanted["addresses"])
    _root(Path(wanted["disk"]), wanted["layers"])
    for capability in _FORGONE.values():
        kernel.forgo(capability)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # so that sleep ends when a child does
    sshd = _start_sshd()
    _await_sshd()
    keeper.sendall(b"u")
    keeper.close()
    _run(sshd)


def _network(addresses: list[str]) -> None:
    for which in ("all", "default"):
        with contextlib.suppress(OSError):  # a kernel without IPv6
            Path(f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6").write_text("0", "ascii")
    lines = ["link set lo up"]
    lines += [
        f"address add {address} dev eth0" + (" nodad" if ":" in address else "") for address in addresses
    ]
    lines += ["link set eth0 up"]
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True)


def _root(disk: Path, layers: list[str]) -> None:
    """The host's disk over what all hosts have, with file systems of its own where a system has them."""
    kernel.mount(None, "/", kernel.RECURSIVE | kernel.PRIVATE)
    trees = groups.hierarchies()
    os.chdir(disk)
    # The lower layers change under us when this machine's files do: nothing may be remembered of them.
    below = ":".join(layer.replace("\\", "\\\\").replace(":", "\\:") for layer in layers)
    kernel.mount("overlay", "root", 0, f"lowerdir={below},upperdir=upper,workdir=work,index=off,metacopy=off")
    os.chdir("root")
    safe = kernel.NO_SUID | kernel.NO_DEV | kernel.NO_EXEC
    kernel.mount("proc", "proc", safe)
    kernel.mount("sysfs", "sys", safe | kernel.READ_ONLY)
    kernel.mount("tmpfs", "run", kernel.NO_SUID | kernel.NO_DEV, "mode=755,size=64m")
    _devices(Path("dev"))
    for folder in ("sshd", "lock"):
        Path("run", folder).mkdir(mode=0o755)
    clock.start(Path("run"))
    if trees:
        kernel.mount("tmpfs", "sys/fs/cgroup", safe, "mode=755,size=1m")
    for tree in sorted(trees):
        where = Path(str(tree.top).lstrip("/"))
        where.mkdir(parents=True, exist_ok=True)
        named = "none," if tree.options.startswith("name=") else ""
        kernel.mount(tree.kind, where, safe, named + tree.options if tree.kind == "cgroup" else "")
    kernel.make_root(".")


def _devices(folder: Path) -> None:
    kernel.mount("tmpfs", folder, kernel.NO_SUID, "mode=755,size=1m")
    for name in _DEVICES:
        with contextlib.suppress(FileNotFoundError):
            real = Path("/dev", name).stat()
            os.mknod(folder / name, stat.S_IFCHR, real.st_rdev)
            (folder / name).chmod(0o666)
    for name, target in {
        "fd": "self/fd",
        "stdin": "self/fd/0",
        "stdout": "self/fd/1",
        "stderr": "self/fd/2",
    }.items():
        (folder / name).symlink_to("/proc/" + target)
    for name, kind, options in (
        ("pts", "devpts", "newinstance,ptmxmode=666,mode=620,gid=5"),
        ("shm", "tmpfs", "mode=1777,size=64m"),
    ):
        (folder / name).mkdir()
        kernel.mount(kind, folder / name, kernel.NO_SUID, options)
    (folder / "ptmx").symlink_to("pts/ptmx")


def _start_sshd() -> int:
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    null = os.open("/dev/null", os.O_RDWR)
    streams = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
    pid = os.posix_spawn(SSHD[0], SSHD, environment, file_actions=streams, setsid=True)
    os.close(null)
    return pid


def _await_sshd() -> None:
    """Until it listens; the keeper has the deadline."""
    while True:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", 22)) == 0:
                return
        time.sleep(0.01)


def _run(sshd: int) -> None:
    """Collect the dead; when sshd is among them, start it again, as a system's init would."""
    while True:
        try:
            dead, _ = os.waitpid(-1, 0)
        except ChildProcessError:
            dead = sshd
        if dead == sshd:
            time.sleep(_PAUSE)
            sshd = _start_sshd()


if __name__ == "__main__":
    main()
