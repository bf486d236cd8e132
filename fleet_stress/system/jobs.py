"""What the system will run for a user later: crontab(1), at(1), and services without a login (loginctl(1))."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from fleet_stress.system.process import User

#: Of Debian, Red Hat, SUSE, Alpine and macOS; in some of them the name tells whose it is, in some the owner.
_SPOOLS = (
    "/var/spool/cron/crontabs",
    "/var/spool/cron/tabs",
    "/var/spool/cron",
    "/var/spool/cron/atjobs",
    "/var/spool/at",
    "/var/spool/atjobs",
    "/etc/crontabs",
    "/var/lib/systemd/linger",
    "/private/var/at/tabs",
    "/private/var/at/jobs",
)


def scheduled(user: User, spools: Sequence[str] = _SPOOLS) -> list[Path]:
    """Files in the spools of cron, at and systemd that belong to a user; a spool that we may not read is left out."""
    found = {}
    for spool in spools:
        with contextlib.suppress(OSError):
            for entry in os.scandir(spool):
                if entry.is_dir(follow_symlinks=False):
                    continue
                if entry.name == user.name or entry.stat(follow_symlinks=False).st_uid == user.uid:
                    found[os.path.realpath(entry.path)] = Path(entry.path)
    return sorted(found.values())
