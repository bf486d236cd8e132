"""Waits for a process, and ends what it left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress


def end_group(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait for a process, and end what it left behind in its group. False if it took too long.

    The group is killed before its leader is reaped: until then its number cannot be somebody else's.
    """
    if hasattr(os, "waitid"):
        look = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while (ended := os.waitid(os.P_PID, process.pid, look)) is None and time.monotonic() < deadline:
            time.sleep(0.02)
        in_time = ended is not None
        with suppress(PermissionError):  # macOS says so of a group in which nobody lives
            os.killpg(process.pid, signal.SIGKILL)
    else:  # macOS before Python 3.13: what outlives its leader there holds the lock, and is waited for
        try:
            process.wait(timeout=max(0.0, deadline - time.monotonic()))
            in_time = True
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            in_time = False
    process.wait()
    return in_time
