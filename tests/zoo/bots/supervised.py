"""A master that keeps one worker alive, as gunicorn does. A worker that cannot save ends, and another one begins."""

import os
import signal
import sys
import time

from common import BROKEN, CYCLES, EVERY, STATE, load, replace, say

FILE = STATE / "account.json"
DONE, CANNOT = 0, 3
GIVES = {signal.SIGTERM, signal.SIGINT}


class Asked(BaseException):
    """The worker is asked to stop."""


def work(account):
    """One worker's life: counts its own cycles."""

    def asked(*_):
        raise Asked

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cycles = 0
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, GIVES)
        while os.getppid() == MASTER:
            cycles += 1
            account |= {"orders": account.get("orders", 0) + 1, "cycles": cycles, "at": time.time()}
            signal.pthread_sigmask(signal.SIG_BLOCK, GIVES)
            try:
                replace(FILE, account)
            except OSError as problem:
                say(f"cannot save the account, another worker may: {problem}")
                return CANNOT
            signal.pthread_sigmask(signal.SIG_UNBLOCK, GIVES)
            if cycles == CYCLES:
                return DONE
            time.sleep(EVERY)
    except Asked:
        return DONE
    return CANNOT


def stop(*_):
    global stopping
    stopping = True
    if child:
        os.kill(child, signal.SIGTERM)


MASTER, child, stopping, pause = os.getpid(), 0, False, 0.1
records = []
for number in GIVES:
    signal.signal(number, stop)
at_the_start = load(FILE)
while not stopping:
    if BROKEN == "keeps_a_record_open":
        records.append(os.open(os.devnull, os.O_WRONLY))
    account = dict(at_the_start) if BROKEN == "hands_down_what_it_knew" else load(FILE)
    signal.pthread_sigmask(signal.SIG_BLOCK, GIVES)
    child = os.fork()
    if not child:
        os._exit(work(account))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, GIVES)
    status = os.waitpid(child, 0)[1]
    child = 0
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == DONE:
        break
    until = time.monotonic() + pause
    while not stopping and time.monotonic() < until:
        time.sleep(0.02)
    pause = min(1.0, 2 * pause)
sys.exit(0)
