"""A process that never stays: each millisecond it starts another one and ends. It has left its parent, its session and
its environment behind, so nobody finds it by its pid, by whose child it is, or by our mark.
"""

import contextlib
import itertools
import os
import pwd
import subprocess
import time
from pathlib import Path

from fleet_stress import system
from fleet_stress.system import bots_user, process
from fleet_stress.system.process import User

#: The name of an account that was made for bots.
NAME = "fleet-stress-test-bots"
#: So that a test that fails leaves none for ever. Seconds.
_LONGEST = 120
#: The dead of an earlier test still count among their user's until the system's first process has collected them.
_ACCOUNTS = itertools.count()

#: Python code of a bot that starts one, and ends; it writes ``beat`` into its folder as long as it goes on.
NEVER_STAYS = f"""
import os as o, sys, time
_code = '''
import os, sys, time
ends = time.time() + {_LONGEST}
while time.time() < ends:
    if os.fork():
        os._exit(0)
    os.setsid()
    with open(sys.argv[1], "w") as stream:
        stream.write(str(time.time()))
    time.sleep(0.001)
'''
if not o.fork():
    o.setsid()
    if not o.fork():
        for _number in range(3):
            o.dup2(o.open("/dev/null", o.O_RDWR), _number)
        o.execve(sys.executable, [sys.executable, "-I", "-S", "-c", _code, BEAT], {{}})
    o._exit(0)
o.wait()
"""


def program(beat):
    """The program, which beats in that file."""
    return f"BEAT = {str(beat)!r}\n{NEVER_STAYS}"


def goes_on(beat, watched=0.3):
    """Whether it has written anything within so many seconds."""
    before = beat.read_bytes() if beat.exists() else b""
    deadline = time.monotonic() + watched
    while time.monotonic() < deadline:
        if beat.exists() and beat.read_bytes() not in (before, b""):
            return True
        time.sleep(0.01)
    return False


@contextlib.contextmanager
def account_for_bots(monkeypatch):
    """An account that was made for bots, whose number nobody else on this machine has; in the end it runs nothing."""
    uid = 61000 + (os.getpid() * 29 + next(_ACCOUNTS)) % 4000
    entry = pwd.struct_passwd((NAME, "x", uid, uid, bots_user.COMMENT, "/nonexistent", "/usr/sbin/nologin"))
    real = pwd.getpwnam
    monkeypatch.setattr(pwd, "getpwnam", lambda name: entry if name == NAME else real(name))
    # Other tests on this machine have theirs.
    monkeypatch.setattr(bots_user, "_an_arena_runs", lambda: False)
    try:
        yield User(NAME, uid, uid)
    finally:
        system.as_user(uid, uid, lambda: os.kill(-1, 9))


def run(account, code, *, orphan=False):
    """Run Python code as that user: as our child, or as one that has left everybody behind."""
    words = ["/usr/bin/python3", "-I", "-S", "-c", code]
    if orphan:
        words[-1] = f"import os\nif os.fork(): os._exit(0)\nos.setsid()\n{code}"
    quiet = subprocess.DEVNULL
    return process.start(words, user=account, folder=Path("/"), environment={}, stdout=quiet, stderr=quiet)
