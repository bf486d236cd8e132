"""The machine: system, Python, processors, memory, disk, programs."""

from __future__ import annotations

import os
import platform
import pwd
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible.module_utils.fleet_stress.store.bare_python import memory

#: What a control group of Linux says of our own memory, by its two versions; there is none elsewhere.
_OF_OUR_GROUP = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def host_facts(base: Path) -> dict[str, Any]:
    """What the machine is. ``base``: an existing folder on the disk that counts."""
    disk = os.statvfs(base)
    name, version = libc()
    shells = ("/usr/sbin/nologin", "/sbin/nologin", "/usr/bin/false", "/bin/false")
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "release": platform.release(),
        "libc": name,
        "libc_version": version,
        "python": platform.python_version(),
        "python_exe": sys.executable,
        "cores": cores,
        "memory_mb": memory.of_host(_OF_OUR_GROUP) // 2**20,
        "memory_available_mb": memory_available_mb(),
        "disk_free_mb": disk.f_bavail * disk.f_frsize // 2**20,
        "inodes_free": disk.f_favail if disk.f_files else None,
        "root": os.geteuid() == 0,
        "login": pwd.getpwuid(os.geteuid()).pw_name,
        "nologin": next((shell for shell in shells if Path(shell).exists()), "/bin/false"),
    }


def memory_available_mb() -> int | None:
    """Memory that can be had without swapping, in MiB; None where nothing says so."""
    try:
        available: int | None = memory.available(Path("/proc/meminfo").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return available // 2**20 if available is not None else None


def libc() -> tuple[str, str]:
    """Name and version of the C library: it decides which wheels fit."""
    if platform.system() != "Linux":
        return "system", platform.mac_ver()[0]
    name, version = platform.libc_ver()
    if name == "glibc":
        return name, version
    return ("musl", "") if any(Path("/lib").glob("ld-musl-*")) else ("glibc", "")


def missing_programs(names: Iterable[str]) -> list[str]:
    """Those that are not on the PATH, nor where a login's PATH does not lead."""
    places = f"{os.environ.get('PATH', '/usr/bin:/bin')}:/usr/local/sbin:/usr/sbin:/sbin"
    return [name for name in names if shutil.which(name, path=places) is None]
