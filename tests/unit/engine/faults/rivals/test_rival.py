"""``rival``: a second bot that was really seen writing to the state folder, and that is gone afterwards."""

import subprocess
import sys

import psutil
import pytest

from fleet_stress.faults.rivals import rival
from fleet_stress.faults.rivals.rival import Rival
from fleet_stress.faults.site import Where
from fleet_stress.system import process
from tests.unit.engine.faults.conftest import applied, make_site

WRITES = """
import os, sys
folder = sys.argv[1]
while True:
    with open(f"{folder}/state.json.tmp", "w") as stream:
        stream.write("{}")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(f"{folder}/state.json.tmp", f"{folder}/state.json")
"""
READS = "import time\nwhile True: time.sleep(0.01)"
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WRITES
WITH_CHILD = "import subprocess\nsubprocess.Popen(['sleep', '600'])\n" + WRITES
FAST = {"scan_interval": {"minimum": 0.05}, "max_cycles": {}}


@pytest.fixture
def make(tmp_path):
    """``make(program)``: a site whose bot is that program; all that was started ends with the test."""
    started = []

    def make(program, settings=FAST, stop_within=10.0):
        def launch(asked, name, variables):
            one = subprocess.Popen([sys.executable, "-c", program, str(tmp_path / "state")])
            started.append((one, asked, name, variables))
            return one

        site = make_site(tmp_path, launch=launch, bot={"settings": settings, "stop_within": stop_within})
        return site, started

    yield make
    for item, *_ in started:
        process.end_all(process.descendants(item.pid))
        item.kill()
        item.wait()


def test_it_stands_once_it_was_caught_writing(make):
    site, started = make(WRITES)

    fault = applied(Rival, site, {})
    proof = fault.prove()

    [(one, settings, name, _)] = started
    assert proof.took_effect
    assert proof.details["wrote"] == ["state.json.tmp"]
    assert (settings, name) == ({"scan_interval": 0.05}, "rival")
    assert psutil.Process(one.pid).status() != psutil.STATUS_STOPPED, "it goes on"

    after = fault.revert()
    assert one.poll() is not None
    assert (after["exit"]["by"], after["exit"]["code"], after["running"]) == ("signal", -15, False)


def test_one_that_ended_before_it_wrote_proves_nothing(make):
    site, _ = make("import sys; sys.exit(3)", settings={})

    fault = applied(Rival, site, {})
    proof = fault.prove()

    assert not proof.took_effect
    assert "ended by itself (exit code 3)" in proof.details["why"]
    assert fault.revert()["exit"]["by"] == "itself"


def test_one_that_does_not_write_proves_nothing(make, monkeypatch):
    monkeypatch.setattr(rival, "_CAUGHT_WITHIN", 0.5)
    site, _ = make(READS)
    (tmp := site.places["state_dir"]) and open(f"{tmp}/other", "w").close()  # noqa: PTH123 (somebody else's write)

    fault = applied(Rival, site, {})

    assert not fault.prove().took_effect
    fault.revert()


def test_one_that_does_not_listen_is_killed_with_its_children(make, monkeypatch):
    site, [*_] = make(DEAF, stop_within=-9.9)
    fault = applied(Rival, site, {})
    assert fault.revert()["exit"]["by"] == "engine"

    site, started = make(WITH_CHILD)
    fault = applied(Rival, site, {})
    kin = process.descendants(started[-1][0].pid)
    assert kin
    fault.revert()
    assert not any(process.alive(item) for item in kin)


def test_one_that_would_refuse_is_forced(make):
    site, started = make("import sys; sys.exit(3)", settings={})
    site.bot["second_instance"] = {"exit_codes": [3], "forced_by": {"ALL_THE_SAME": "1"}}

    fault = applied(Rival, site, {})

    assert started[0][-1] == {"ALL_THE_SAME": "1"}
    fault.revert()


@pytest.mark.parametrize(
    ("second_instance", "can"),
    [
        (None, True),
        ({"forced_by": {"ALL_THE_SAME": "1"}}, True),
        ({"exit_codes": [3], "forced_by": {}}, False),
    ],
)
def test_where_nothing_forces_one_there_is_no_second_writer(tmp_path, second_instance, can):
    cannot = Rival.supported(Where(tmp_path, {"second_instance": second_instance}, None), {})
    assert (cannot is None) is can
    assert can or "second_instance.forced_by" in cannot.enable
