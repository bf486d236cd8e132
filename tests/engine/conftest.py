"""A host's place and a plan in it, with a bot of thirty lines; real processes, the whole engine."""

import contextlib
import getpass
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from fleet_stress.recovery import host_lock, watchdog
from fleet_stress.recovery.journal import entries
from fleet_stress.store import layout
from tests import in_memory

BOT = """
import json, os, signal, sys, threading
stop = threading.Event()
for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, lambda *_: stop.set())
state = os.environ["STATE_DIR"]

def save(name, document):
    with open(f"{state}/{name}.tmp", "w") as stream:
        json.dump(document, stream)
    os.replace(f"{state}/{name}.tmp", f"{state}/{name}")

try:
    with open(f"{state}/status.json") as stream:
        status = json.load(stream)
except (OSError, ValueError):
    status = {"total": 0}
cycles, limit = 0, int(os.environ["MAX_CYCLES"])
#BEFORE
while not stop.is_set():
    cycles += 1
    status["total"] += 1
    save("status.json", status)
    save("health.json", {"cycles_completed": cycles})
    if cycles >= limit:
        break
    stop.wait(float(os.environ["SCAN_INTERVAL_SECONDS"]))
#AFTER
"""

#: Run ids are unique on a host, and tests of several workers share one.
RUN = f"run{os.getpid()}"

PROFILE = {
    "name": "tiny",
    "source": "",
    "argv": ["${python}", "main.py"],
    "environment": {"STATE_DIR": "${state_dir}", "LOG_DIR": "${log_dir}"},
    "settings": {
        "scan_interval": {"variable": "SCAN_INTERVAL_SECONDS"},
        "max_cycles": {"variable": "MAX_CYCLES"},
    },
    "companions": [],
    "cycle": {"file": "health", "field": "cycles_completed"},
    "state": {
        "status": {
            "path": "status.json",
            "format": "json",
            "required": True,
            "rewritten": "cycle",
            "never_back": ["total"],
        },
        "health": {"path": "health.json", "format": "json", "required": True, "rewritten": "cycle"},
    },
    "logs": {},
    "exit_codes": {"finished": [0], "terminated": [0], "interrupted": [0]},
    "stop_within": 10.0,
    "first_cycle_within": 60.0,
    "writes": [],
    "temporary_files": ["*.tmp"],
    "cpu_share": 0.25,
    "memory_mb": 30,
}


def start(cycles, interval=0.1):
    return {"verb": "start", "args": {"settings": {"max_cycles": cycles, "scan_interval": interval}}}


def wait(until=None, then=0.0, within=60.0, **more):
    return {"verb": "wait", "args": {"until": until, "then": then, "within": within, **more}}


def send(name):
    return {"verb": "signal", "args": {"signal": name, "aim": None, "within": 0.0}}


def scenario(name, steps, *, expect=({"check": "exit_code", "args": {"is": "finished"}},), **more):
    return {
        "id": name,
        "row": "9",
        "title": name,
        "weight": 1,
        "exclusive": False,
        "network": None,
        "baseline": False,
        "estimate": 1.0,
        "within": 120.0,
        "skip": None,
        "steps": steps,
        "expect": list(expect),
        **more,
    }


BASELINE = scenario("baseline", [start(3), wait("exit")], baseline=True, exclusive=True)
FOREVER = scenario("forever", [start(9999), wait("exit", within=600.0)], within=600.0)


@pytest.fixture
def stress_dir():
    """A place of ours that the bots' user can reach, outside the shared temporary folders."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-test-", dir=in_memory.for_bots()))
    folder.chmod(0o755)
    (folder / layout.MARKER).write_text("{}")
    yield folder
    holder = host_lock.holder(folder)
    if holder:
        with contextlib.suppress(ProcessLookupError):
            os.kill(holder["pid"], signal.SIGTERM)
        until(lambda: host_lock.holder(folder) is None, "the supervisor ends")
    for run in layout.run_folders(folder):
        until(lambda run=run: watchdog.pid(run) is None, "its watchdog ends")
    shutil.rmtree(folder)


@pytest.fixture
def make_plan(stress_dir):
    """``make_plan(scenarios, before="…python…")``: a plan for a bot with a few lines put in."""

    def make(scenarios, *, before="", after="", run_id=RUN, plan_hash="h1", **bot):
        copy = stress_dir / "bots" / f"tiny-{len(before) + len(after)}"
        copy.mkdir(parents=True, exist_ok=True)
        (copy / "main.py").write_text(BOT.replace("#BEFORE", before).replace("#AFTER", after))
        return {
            "format": 1,
            "run_id": run_id,
            "plan_hash": plan_hash,
            "host": "here",
            "stress_dir": str(stress_dir),
            "engine_version": "0.1.0",
            "profile": "smoke",
            "bot": {
                **PROFILE,
                "user": "nobody" if os.geteuid() == 0 else getpass.getuser(),
                "copy": str(copy),
                "python": usable_python(),
                **bot,
            },
            "limits": {
                "bots_at_once": 4,
                "run_within": 600.0,
                "lease": 900.0,
                "evidence_bytes": 1_000_000,
                "disk_floor_mb": 0,
                "memory_floor_mb": 0,
            },
            "scenarios": list(scenarios),
        }

    return make


def usable_python():
    """A Python that the bots' user can start: never one below a private home."""
    return "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


def until(true, event, within=240.0):
    """Wait for an event, with a deadline that only a broken test meets."""
    deadline = time.monotonic() + within
    while not true():
        assert time.monotonic() < deadline, f"never: {event}"
        time.sleep(0.02)


def ended(run_dir):
    return Path(run_dir, "result.json").exists() and host_lock.holder(Path(run_dir).parent.parent) is None


def result(run_dir):
    until(lambda: ended(run_dir), "the run ends")
    return json.loads(Path(run_dir, "result.json").read_text())


def evidence(run_dir, name):
    return json.loads(Path(run_dir, "evidence", name, "evidence.json").read_text())


def verdicts(document):
    return {entry["scenario"]: entry["verdict"] for entry in document["scenarios"]}


def is_mark(value, run_id, name):
    """Whether a process carries the mark of an arena, in whichever folder of ours its run lies."""
    return value.startswith(run_id) and value.endswith(f"/{name}")


def arena_of(run_id, name):
    """The process of an arena of ours, or None."""
    for process in psutil.process_iter():
        try:
            if is_mark(process.environ().get("FLEET_STRESS_ARENA", ""), run_id, name):
                return process
        except psutil.Error:
            continue
    return None


def bots_of(run_id):
    """Pids of living processes that carry the mark of a run, found without the engine's help."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("FLEET_STRESS_RUN", "").startswith(run_id):
                found.append(process.pid)
    return found


def times_started(run_dir, name):
    started = entries(Path(run_dir, "journal.jsonl"), "scenario_started")
    return [entry["scenario"] for entry in started].count(name)
