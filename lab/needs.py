"""What a lab needs of this machine; said in whole, before anything is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from lab import host_init

#: What a program is for, and the Debian package that has it.
_PROGRAMS = {
    host_init.SSHD[0]: "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "sudo": "sudo",
    "ip": "iproute2",
    "nsenter": "util-linux",
}
#: What a host is made of, in namespaces that are gone at once.
_TRIAL = [
    *("unshare", "--mount", "--net", "--pid", "--fork", "--uts", "--ipc", "--cgroup", "sh", "-ec"),
    "mount -t tmpfs none /mnt; mkdir /mnt/u /mnt/w /mnt/root;"
    "mount -t overlay none -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/root;"
    "ip link add lab0 type bridge; ip link add lab1 type veth peer name lab2",
]


def missing() -> list[str]:
    """What is missing, a sentence each; nothing where a lab can be brought up."""
    if sys.platform != "linux":
        return ["a lab is made of namespaces of the Linux kernel: run it on Linux"]
    found = []
    if os.geteuid() != 0:
        found.append("it takes root to make namespaces and mounts: run it as root")
    lacking: dict[str, list[str]] = {}
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            lacking.setdefault(package, []).append(program)
    if lacking:
        programs = ", ".join(item for some in lacking.values() for item in some)
        found.append(f"{programs}: not found; `apt-get install {' '.join(lacking)}`")
    if not found:
        tried = subprocess.run(_TRIAL, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if tried.returncode:
            found.append(f"the kernel does not let us: {tried.stderr.strip() or 'no reason given'}")
    return found
