"""What a lab's host sees below its own disk: this machine's root, and over it what every host of a lab has.

A host's root is an overlay of four layers, from the top: its disk (what was changed on it), its ``seed`` (host key
and name), the lab's ``image`` (login, sshd's configuration, no trace of this project or of earlier trials on this
machine), and this machine's ``/``, which is only read. So the disk of a host that nobody touched is empty.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Iterable
from pathlib import Path

from lab import clock

USER = "operator"
_UID, _GID = 1000, 100  # a person's, in the group `users`

#: Empty on a host: what is there on this machine is nobody's business on another one.
_HIDDEN = ("/home", "/root", "/tmp", "/var/tmp", "/mnt", "/media", "/etc/ssh")
#: Left on this machine by trials of the product itself: a fresh host has no such thing.
_TRACES = ("/var/lib/fleet-stress*", "/var/lib/fs-*", "/etc/sudoers.d/*")
_TRACE_USERS = ("fleet-stress", "fs-")

_SSHD = """\
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
PrintLastLog no
MaxStartups 200
MaxSessions 100
PidFile none
Subsystem sftp internal-sftp
"""


class Layer:
    """One layer, below ``root``. Folders in it look as they do on this machine, and show its content."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(mode=0o755, parents=True, exist_ok=True)

    def folder(self, path: str) -> Path:
        """A folder on the host, whose content below this layer stays to be seen."""
        made = self.root
        for part in Path(path).parts[1:]:
            made = made / part
            if not made.is_dir():
                made.mkdir()
                below = Path("/", made.relative_to(self.root))
                if below.is_dir():
                    shutil.copystat(below, made)
                    os.chown(made, below.stat().st_uid, below.stat().st_gid)
        return made

    def empty(self, path: str) -> Path:
        """A folder on the host in which nothing of what lies below this layer is seen."""
        made = self.folder(path)
        os.setxattr(made, "trusted.overlay.opaque", b"y")
        return made

    def absent(self, path: str) -> None:
        """A path that is not there on the host."""
        gone = Path(path)
        os.mknod(self.folder(str(gone.parent)) / gone.name, stat.S_IFCHR, os.makedev(0, 0))

    def file(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file on the host, root's."""
        written = self.folder(str(Path(path).parent)) / Path(path).name
        written.write_text(text, "utf-8")
        written.chmod(mode)


def image(
    root: Path, key: str, names: dict[str, list[str]], hidden: Iterable[Path], library: str | None
) -> None:
    """Make the layer that all hosts of a lab share.

    Args:
        root: Where; on a file system with trusted attributes.
        key: The public key that logs in.
        names: The hosts' addresses by name.
        hidden: Folders of this machine that a host does not see, beside those that none should.
        library: What every program on the hosts loads before all else (see clock.py).
    """
    layer = Layer(root)
    hidden = list(hidden)
    traces = [path for pattern in _TRACES for path in Path("/").glob(pattern[1:])]
    # The lab itself may lie in one.
    around = [trace for trace in traces if any(path.is_relative_to(trace) for path in hidden)]
    for path in _outermost([*map(Path, _HIDDEN), *hidden, *around]):
        layer.empty(str(path))
    for path in traces:
        if path not in around:
            layer.absent(str(path))
    layer.file("/etc/passwd", _accounts("passwd", f"{USER}:x:{_UID}:{_GID}::/home/{USER}:/bin/bash"), 0o644)
    layer.file("/etc/shadow", _accounts("shadow", f"{USER}:*:19000:0:99999:7:::"), 0o640)
    layer.file("/etc/group", _accounts("group"))
    layer.file("/etc/gshadow", _accounts("gshadow"), 0o640)
    layer.file(
        "/etc/sudoers", f"Defaults env_reset\nroot ALL=(ALL) ALL\n{USER} ALL=(ALL) NOPASSWD: ALL\n", 0o440
    )
    layer.file("/etc/ssh/sshd_config", _SSHD)
    if library:
        shutil.copy(library, layer.folder(str(Path(clock.LIBRARY).parent)))
        layer.file("/etc/ld.so.preload", clock.LIBRARY + "\n")
    lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"]
    lines += [f"{address} {name}" for name, addresses in names.items() for address in addresses]
    layer.file("/etc/hosts", "\n".join(lines) + "\n")
    layer.file(f"/home/{USER}/.ssh/authorized_keys", key)
    for path in (root / "home" / USER, *(root / "home" / USER).rglob("*")):
        os.chown(path, _UID, _GID)


def seed(root: Path, name: str) -> str:
    """Make the layer of one host; returns its public host key."""
    layer = Layer(root)
    layer.file("/etc/hostname", name + "\n")
    key = layer.folder("/etc/ssh") / "ssh_host_ed25519_key"
    new_key(key, name)
    return key.with_suffix(".pub").read_text("ascii")


def new_key(path: Path, comment: str) -> None:
    """Make a key pair without a passphrase."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)


def _outermost(folders: list[Path]) -> list[Path]:
    return [
        item for item in folders if not any(item != other and item.is_relative_to(other) for other in folders)
    ]


def _accounts(name: str, *more: str) -> str:
    """A file of accounts of this machine, with its system's own and no person's."""
    path, kept = Path("/etc", name), []
    people = {
        line.split(":")[0] for line in Path("/etc/passwd").read_text("utf-8").splitlines() if _person(line)
    }
    people |= {
        line.split(":")[0] for line in Path("/etc/group").read_text("utf-8").splitlines() if _person(line)
    }
    for line in path.read_text("utf-8").splitlines() if path.exists() else []:
        who = line.split(":")[0]
        if who not in people and not who.startswith(_TRACE_USERS):
            kept.append(line)
    return "\n".join([*kept, *more]) + "\n"


def _person(line: str) -> bool:
    number = line.split(":")[2]
    return number.isdigit() and 1000 <= int(number) < 65534
