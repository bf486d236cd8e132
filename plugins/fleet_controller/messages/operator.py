"""Who gives the command, for those who meet its run on a host."""

from __future__ import annotations

import os
import pwd
import socket


def operator() -> str:
    """``ada@desk``: the login that runs this, not what the environment says of it (cron and containers say nothing)."""
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = f"uid-{os.geteuid()}"
    return f"{name}@{socket.gethostname()}"
