"""``second_instance``: a second one that is seen to its end, or to where it is clear that it runs along."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import psutil
import pytest

from fleet_stress.faults.rivals import second_instance
from fleet_stress.faults.rivals.second_instance import SecondInstance
from fleet_stress.observe.file_content import Tracked
from fleet_stress.store.layout import MARK_VARIABLE
from fleet_stress.system import process
from tests.unit.engine.faults.conftest import applied, changed, make_site

SAVE = """
import json, os, sys, time
state = sys.argv[1]
def save(n):
    with open(f"{state}/ledger.json.tmp", "w") as stream:
        json.dump({"orders": n}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(f"{state}/ledger.json.tmp", f"{state}/ledger.json")
"""
WRITES = SAVE + "n = 1\nwhile True: save(n); n += 1; time.sleep(0.001)"
SLEEPS = "import time\nwhile True: time.sleep(0.01)"
REFUSES = "print('another bot runs'); raise SystemExit(3)"
SAVES_AND_REFUSES = SAVE + "save(7); raise SystemExit(3)"
LOCKS_AND_REFUSES = """
import sys, time
lock = open(f"{sys.argv[1]}/the.lock", "w")
lock.write("42")
lock.flush()
time.sleep(0.3)
raise SystemExit(3)
"""
LOGS_AND_REFUSES = """
import sys
with open(f"{sys.argv[1]}/../log/bot.log", "a") as log: log.write("another bot runs\\n")
open(f"{sys.argv[1]}/pid.42", "w").close()
raise SystemExit(3)
"""
TELLS_OF_CYCLES = "import time\nwhile True: print('round done', flush=True); time.sleep(0.01)"
LEAVES_A_CHILD = (
    "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\nraise SystemExit(3)"
)


class Bots:
    """A first bot and what is started beside it; all of it ends with the test."""

    def __init__(self, folder):
        self.folder, self._all, self.launched = folder, [], []
        self.first = None
        #: Its own: a test beside this one ends what carries its mark.
        self.mark = f"{uuid.uuid4()}/scenario"

    def site(self, second, first=SLEEPS, within=60.0, **bot):
        if first:
            self.first = self._start(first)
        ledger = self.folder / "state/ledger.json"
        (self.folder / "state").mkdir()
        (self.folder / "log").mkdir()
        ledger.write_text('{"orders": 5}')
        log = self.folder / "log/bot.log"
        files = {
            "ledger": Tracked("ledger", "state/ledger.json", ledger, "json", ("orders",), None),
            "log": Tracked("log", "log/bot.log", log, "text", (), None),
        }
        usual = {
            "cycle": {"file": "ledger", "field": "orders"},
            "first_cycle_within": within,
            "stop_within": 5.0,
        }

        def launch(settings, name, variables):
            self.launched.append((settings, name, variables))
            (self.folder / f"evidence/{name}.err").touch()
            with (self.folder / f"evidence/{name}.out").open("wb") as out:
                return self._start(second, out, f"{self.mark}/{name}")

        return make_site(
            self.folder,
            mark=self.mark,
            files=files,
            launch=launch,
            settings=lambda: {"scan_interval": 0.1},
            processes=lambda: [psutil.Process(self.first.pid)] if self.first else [],
            bot={**usual, **bot},
        )

    def _start(self, program, out=subprocess.DEVNULL, mark=None):
        argv = [sys.executable, "-c", program, str(self.folder / "state")]
        self._all.append(
            subprocess.Popen(argv, stdout=out, env={**os.environ, MARK_VARIABLE: mark or self.mark})
        )
        return self._all[-1]

    def end(self):
        for item in self._all:
            process.end_all(process.descendants(item.pid))
            item.kill()
            item.wait()

    def whole(self, site, **arguments):
        """From its first moment to its last; the proof, and what was seen afterwards."""
        fault = applied(SecondInstance, site, arguments)
        try:
            proof = fault.prove()
        finally:
            after = fault.revert()
        assert not after["running"]
        return proof


@pytest.fixture
def bots(tmp_path):
    made = Bots(tmp_path)
    yield made
    made.end()


@pytest.mark.parametrize("held", [False, True])
def test_one_that_refuses_is_seen_to_its_end(bots, held):
    proof = bots.whole(bots.site(REFUSES), held=held)

    assert proof.took_effect
    assert proof.details["ended"] == 3
    assert proof.details["beside"] == [bots.first.pid]
    assert (proof.details["wrote"], proof.details["left"]) == ([], [])
    assert bots.launched == [({"scan_interval": 0.1}, "second-01", {})]
    assert (bots.folder / "evidence/second-01.out").read_text() == "another bot runs\n"
    assert proof.details.get("touched", []) == proof.details.get("new_files", []) == []


def test_the_first_one_stands_still_meanwhile_and_goes_on(bots):
    site = bots.site(SLEEPS)
    fault = applied(SecondInstance, site, {"held": True})
    assert psutil.Process(bots.first.pid).status() == psutil.STATUS_STOPPED

    assert fault.hits() == 0
    fault.revert()

    assert psutil.Process(bots.first.pid).status() != psutil.STATUS_STOPPED


def test_what_changed_while_the_first_one_stood_still_was_the_second_ones_doing(bots):
    proof = bots.whole(bots.site(SAVES_AND_REFUSES, first=WRITES), held=True)

    assert proof.details["ended"] == 3
    assert proof.details["touched"] == ["state/ledger.json"]


def test_a_lock_that_it_wrote_is_no_state(bots):
    proof = bots.whole(bots.site(LOCKS_AND_REFUSES, first=WRITES))
    assert (proof.details["ended"], proof.details["wrote"]) == (3, [])


def test_what_it_logged_is_no_harm_and_what_it_left_is_named(bots):
    proof = bots.whole(bots.site(LOGS_AND_REFUSES), held=True)

    assert proof.details["logged"]
    assert proof.details["touched"] == []
    assert proof.details["new_files"] == ["state/pid.42"]


@pytest.mark.parametrize(("held", "wrote"), [(False, "state/ledger.json.tmp"), (True, "state/ledger.json")])
def test_one_that_runs_along_is_known_by_what_it_writes(bots, held, wrote):
    proof = bots.whole(bots.site(WRITES), held=held)

    assert proof.took_effect
    assert proof.details["ended"] is None
    assert proof.details["wrote"] == [wrote]


def test_or_by_the_cycles_that_it_tells_of(bots):
    site = bots.site(TELLS_OF_CYCLES, cycle={"file": "stdout", "line": "round done"})
    proof = bots.whole(site)
    assert proof.details["ended"] is None
    assert proof.details["cycles"] >= 1


def test_or_when_it_has_had_its_time(bots):
    proof = bots.whole(bots.site(SLEEPS, within=0.2))
    assert (proof.took_effect, proof.details["ended"], proof.details["wrote"]) == (True, None, [])


def test_what_it_leaves_behind_is_named_and_ended(bots):
    proof = bots.whole(bots.site(LEAVES_A_CHILD))

    [left] = proof.details["left"]
    assert left["cmdline"] == "sleep 600"
    assert not psutil.pid_exists(left["pid"]) or not process.alive(psutil.Process(left["pid"]))


def test_without_a_first_one_there_is_no_second(bots):
    proof = bots.whole(bots.site(REFUSES, first=None))
    assert not proof.took_effect
    assert "no bot ran" in proof.details["why"]


def test_a_first_one_that_could_not_be_stopped_proves_nothing(bots, monkeypatch):
    monkeypatch.setattr(second_instance.tree, "hold", lambda _: [])
    proof = bots.whole(bots.site(REFUSES), held=True)
    assert not proof.took_effect
    assert "could not be stopped" in proof.details["why"]


def test_each_has_its_own_output(bots):
    site = bots.site(REFUSES)
    assert [bots.whole(site).details["output"] for _ in range(2)] == ["second-01", "second-02"]


def test_one_that_cannot_be_started_leaves_the_first_one_running(bots, tmp_path):
    def launch(*_):
        raise OSError("no such program")

    site = changed(bots.site(REFUSES), launch=launch)
    opened = len(list(Path("/proc/self/fd").iterdir())) if Path("/proc/self/fd").exists() else 0
    with pytest.raises(OSError, match="no such program"):
        applied(SecondInstance, site, {"held": True})
    assert psutil.Process(bots.first.pid).status() != psutil.STATUS_STOPPED
    assert not opened or len(list(Path("/proc/self/fd").iterdir())) == opened
