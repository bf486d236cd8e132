"""The real bot as a process of its own on folders of its own, and stand-ins for its exchange."""

import contextlib
import json
import os
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

BOT = Path(__file__).parents[3] / "reference_bot"
#: Another interpreter to try: REFERENCE_BOT_PYTHON=/usr/bin/python3.9 pytest tests/unit/reference_bot
PYTHON = os.environ.get("REFERENCE_BOT_PYTHON", sys.executable)
#: A deadline, not an expectation.
WITHIN = 60.0


def wait_until(condition, within=WITHIN):
    """Poll until something is true and return it."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


class Bot:
    """The bot, on folders of its own. Its environment is built from nothing, as in an arena."""

    def __init__(self, folder, bytecode):
        self._bytecode = bytecode
        self.state = folder / "state"
        self.log = folder / "log"
        self.ledger = self.state / "paper_engine_state.json"
        self.backup = self.state / "paper_engine_state.backup.json"
        self.status = self.state / "bot_state.json"
        self.health = self.state / "engine_health.json"
        self.activity = self.log / "activity.json"
        self.errors = self.log / "errors.log"
        self._stderr = folder / "stderr"
        self._stack = contextlib.ExitStack()

    def start(self, cycles=0, interval=0.02, program=("main.py",), wrap=(), **environment):
        """Start it; what it is asked to run can be replaced (``program``) and wrapped in a command."""
        with self._stderr.open("wb") as stderr:
            process = subprocess.Popen(
                # -S: it says that it needs no package, so it sees none.
                [*wrap, PYTHON, "-S", "-W", "error", *program],
                cwd=BOT,
                env={
                    "PATH": os.environ["PATH"],
                    "PYTHONPYCACHEPREFIX": str(self._bytecode),
                    "STATE_DIR": str(self.state),
                    "LOG_DIR": str(self.log),
                    "MAX_CYCLES": str(cycles or ""),
                    "SCAN_INTERVAL_SECONDS": str(interval),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )
        self._stack.callback(_end, process)
        return process

    def run(self, cycles=2, **how):
        """Start it and wait for its end; returns the exit code."""
        return finish(self.start(cycles, interval=how.pop("interval", 0.0), **how))

    def run_well(self, cycles=2, **how):
        """Run it, and insist that it ends well and has nothing to complain about on standard error."""
        assert self.run(cycles, **how) == 0, self.stderr()
        assert self.stderr() == ""

    def stderr(self):
        """What the last start wrote to standard error."""
        return self._stderr.read_text(errors="replace")

    def complaints(self):
        """``errors.log``."""
        return self.errors.read_text()

    def wait_for_cycle(self, number=1):
        """Wait until so many cycles of the running start are on disk."""
        return wait_until(lambda: self.cycles() >= number)

    def cycles(self):
        """How many cycles are on disk; 0 as long as the bot has written nothing."""
        return read(self.health)["cycles_completed"] if self.health.exists() else 0

    def end(self):
        """End whatever still runs."""
        self._stack.close()


_CYCLE = re.compile(rb"cycle \d+: \d+ orders")


def _end(process):
    process.kill()
    finish(process)


def finish(process):
    """Wait for the end of a process that says nothing but its cycles on standard output; returns its exit code."""
    # Wakes up at the end of the output; wait() with a time-out would poll, and lose a quarter of all time.
    said = (process.communicate(timeout=WITHIN)[0] or b"").splitlines()
    assert [line for line in said if not _CYCLE.fullmatch(line)] == []
    return process.returncode


def read(path):
    """A JSON file. The bot replaces its files as a whole, so this may be done at any moment."""
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def _bytecode(tmp_path_factory):
    """Compiled once, and not into the bot's folder, from which others take copies."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def bot(tmp_path, _bytecode):
    """A bot that has never run."""
    one = Bot(tmp_path, _bytecode)
    yield one
    one.end()


@pytest.fixture(scope="session")
def _three_cycles(tmp_path_factory, _bytecode):
    one = Bot(tmp_path_factory.mktemp("three_cycles"), _bytecode)
    one.run_well(cycles=3)
    one.end()
    return one


@pytest.fixture
def used_bot(bot, _three_cycles):
    """A bot that has run three cycles before."""
    shutil.copytree(_three_cycles.state, bot.state)
    shutil.copytree(_three_cycles.log, bot.log)
    return bot


@pytest.fixture(name="finish")
def finish_fixture():
    return finish


@pytest.fixture(name="read")
def read_fixture():
    return read


@pytest.fixture(name="wait_until")
def wait_until_fixture():
    return wait_until


PRICES = b'{"ALPHA": 15.0, "BETA": 12.5, "GAMMA": 18.0}'


class Stub(socketserver.ThreadingTCPServer):
    """An exchange that does whatever ``behave`` (a function of the connection) does."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.requests = []
        self.closing = threading.Event()
        self.answer(PRICES)

    def answer(self, body, status="200 OK"):
        head = f"HTTP/1.0 {status}\r\nContent-Type: application/json\r\n\r\n".encode()
        self.behave = lambda connection: connection.sendall(head + body)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self):
        # A client that gives up on us is what we are here for.
        with contextlib.suppress(OSError):
            self.server.requests.append(self.request.recv(65536))
            self.server.behave(self.request)


@pytest.fixture
def stub():
    with Stub() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()
