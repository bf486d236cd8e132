"""What is on a lab's hosts, seen from outside: what tests compare to prove that nothing was left behind."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import psutil

from lab import groups
from lab.hosts import Hosts

_OPAQUE = "trusted.overlay.opaque"
_TCP_LISTEN = "0A"
_COUNTERS = re.compile(r" ?\[\d+:\d+\]")


class Process(NamedTuple):
    """A process on a host; its pid as seen from here."""

    pid: int
    argv: list[str]


class Sight(Hosts):
    """A host that nobody has used yet shows: its mounts, and nothing else."""

    def changed_files(self, host: str) -> list[str]:
        """Every path that was made, written, changed in its mode or owner, or removed on a host since it is there.

        Folders appear only when they were made and are empty. Not in it: what lies in memory (``/run``,
        ``/dev/shm``). There without power, too.
        """
        upper = self.disk_of(host) / "upper"
        found = []
        for folder, folders, files in os.walk(upper):
            place = Path("/", Path(folder).relative_to(upper))
            found += [str(place / name) for name in files]
            found += [str(place / name) for name in folders if (Path(folder) / name).is_symlink()]
            if not folders and not files and not self._below(host, place):
                found.append(str(place))
        return sorted(found)

    def _below(self, host: str, path: Path) -> bool:
        """Whether a path was there before anything was changed: in the topmost layer that knows of it."""
        disks = self._disks()
        for layer in (disks / "seeds" / host, disks / "image"):
            here = layer / path.relative_to("/")
            if os.path.lexists(here):
                return not here.is_char_device()
            for above in list(path.parents)[:-1]:
                folder = layer / above.relative_to("/")
                if folder.is_dir() and _OPAQUE in os.listxattr(folder):
                    return False
        return os.path.lexists(path)

    def processes(self, host: str) -> list[Process]:
        """All that runs on a host, but for its process 1, sshd, and what sshd has for each connection."""
        found = []
        for child in psutil.Process(self.init(host)).children(recursive=True):
            try:
                if child.name() != "sshd" and child.status() != psutil.STATUS_ZOMBIE:
                    found.append(Process(child.pid, child.cmdline() or [child.name()]))
            except psutil.NoSuchProcess:
                continue
        return found

    def mounts(self, host: str) -> list[str]:
        """The lines of the host's mount table."""
        return Path(f"/proc/{self.init(host)}/mounts").read_text("utf-8").splitlines()

    def rules(self, host: str) -> list[str]:
        """What somebody has added to the host's iptables: rules, chains and policies, of both families."""
        found = []
        for program, family in (("iptables-save", "4"), ("ip6tables-save", "6")):
            for line in self.inside(host, [program]).stdout.splitlines():
                if not line.startswith(("#", "*", "COMMIT")) and not re.match(r":\S+ ACCEPT ", line):
                    found.append(f"{family} {_COUNTERS.sub('', line)}")
        return found

    def namespaces(self, host: str) -> list[str]:
        """Namespaces in which some process of the host is, and its process 1 is not: ``net:[4026532…]``."""
        init = self.init(host)
        kinds = [path.name for path in Path(f"/proc/{init}/ns").iterdir()]
        own = {str(Path(f"/proc/{init}/ns/{kind}").readlink()) for kind in kinds}
        found: set[str] = set()
        for child in psutil.Process(init).children(recursive=True):
            for kind in kinds:
                try:
                    found.add(str(Path(f"/proc/{child.pid}/ns/{kind}").readlink()))
                except OSError:  # ended meanwhile
                    break
        return sorted(found - own)

    def cgroups(self, host: str) -> list[str]:
        """The control groups that somebody has made on a host."""
        return groups.inside(self.keeper, host)

    def listens(self, host: str) -> bool:
        """Whether the host's sshd listens."""
        lines = Path(f"/proc/{self.init(host)}/net/tcp").read_text("ascii").splitlines()[1:]
        return any(line.split()[1].endswith(":0016") and line.split()[3] == _TCP_LISTEN for line in lines)
