"""One run of one double: called by the programs that ``mac.py`` writes."""

import importlib
import os
import signal
import sys

from tests.doubles.state import Refused, state


def serve(name, module, path):
    """Run a double with this process's arguments; its exit code.

    A test may have the program that calls it killed (``Mac.kill_at``): just before or just after the n-th call of all.
    """
    argv = sys.argv[1:]
    with state(path) as mac:
        mac.setdefault("calls", []).append([name, *argv])
        here = mac.get("kill") or {}
        now = here if here.get("call") == len(mac["calls"]) else {}
        if now.get("when") == "before":
            os.kill(os.getppid(), signal.SIGKILL)
            return 1
        try:
            out = importlib.import_module(f"tests.doubles.{module}").run(name, argv, mac) or ""
            code = 0
        except Refused as refusal:
            print(refusal.said, file=sys.stderr)
            out, code = refusal.out, refusal.code
        if now.get("when") == "after":
            os.kill(os.getppid(), signal.SIGKILL)
    sys.stdout.write(out)
    return code
