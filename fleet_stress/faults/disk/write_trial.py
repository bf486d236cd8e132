"""A write of our own, as the bot's user: what the bot would meet now."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from fleet_stress import system
from fleet_stress.store.layout import name_of_ours
from fleet_stress.system.process import User

#: What is said of a trial that went well.
WELL = system.WELL


def write_as(user: User, folder: Path) -> str:
    """``well``, or the name of the error (``EROFS``) with which a new file in a folder cannot be made and written.

    The file is removed again.
    """
    path = folder / name_of_ours("trial")

    def attempt() -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, b"a trial")
        finally:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                path.unlink()

    return system.as_user(user.uid, user.gid, attempt)
