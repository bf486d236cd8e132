"""Runs the reference bot again and again, each time killed before its n-th operation on the state folder.

    python crash_points.py KEEP [STATE]

Until n is more than a run has. After each run the state folder is copied to KEEP/n, for a test to look at.
With STATE each run begins with a copy of that folder, otherwise with what the run before has left. The bot is
the real program; only, it is forked, not started, so that a hundred runs take a second.
"""

import itertools
import os
import shutil
import signal
import sys

sys.path.insert(0, "")
import main
import trader.bot  # noqa: F401 (once, not in every run)

FOLDER = os.environ["STATE_DIR"]


def killed_before(number: int) -> None:
    """In this process: die when so many operations have been done."""
    done = itertools.count()
    fsync = os.fsync

    def one_more() -> None:
        if next(done) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def look(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("open", "os.rename", "os.remove") and str(arguments[0]).startswith(FOLDER):
            one_more()

    def counted_fsync(descriptor: int) -> None:
        one_more()
        fsync(descriptor)

    sys.addaudithook(look)
    os.fsync = counted_fsync


def run(number: int) -> int:
    """One run; its wait status."""
    child = os.fork()
    if child == 0:
        killed_before(number)
        os._exit(main.main())
    return os.waitpid(child, 0)[1]


keep, *state = sys.argv[1:]
for number in itertools.count():
    if state:
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(state[0], FOLDER)
    status = run(number)
    shutil.copytree(FOLDER, f"{keep}/{number:03}")
    if not os.WIFSIGNALED(status):
        sys.exit(os.WEXITSTATUS(status))
