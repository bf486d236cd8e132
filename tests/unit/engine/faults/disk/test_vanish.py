"""``vanish``: a folder is gone and comes back as it was, whoever dies meanwhile."""

import os
import signal
import subprocess
import sys

import pytest

from fleet_stress import system
from fleet_stress.faults.disk.vanish import Vanish
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import KINDS, Undo, undo_open
from tests.unit.engine.faults import volumes
from tests.unit.engine.faults.conftest import applied, make_site


@pytest.fixture
def site(tmp_path):
    site = make_site(tmp_path)
    (tmp_path / "state/ledger.json").write_text("good")
    log = Tracked("errors", "log/errors.log", tmp_path / "log/errors.log", "text", (), None)
    return site._replace(files={"errors": log})


def test_it_is_gone_and_comes_back(site, tmp_path):
    fault = applied(Vanish, site, {})
    assert not (tmp_path / "state").exists()
    (tmp_path / "log/errors.log").write_text(
        "could not save: [Errno 2] No such file or directory: 'state/x'\n"
    )
    assert fault.hits() == 1

    proof = fault.prove()

    assert (proof.took_effect, proof.details["away"], proof.details["told"]) == (True, True, 1)
    assert fault.revert() == {"files": 1}
    assert (tmp_path / "state/ledger.json").read_text() == "good"


def test_what_was_made_in_its_place_lies_beside_it_afterwards(site, tmp_path):
    fault = applied(Vanish, site, {})
    (tmp_path / "state").mkdir()
    (tmp_path / "state/ledger.json").write_text("zeros")
    proof = fault.prove()
    fault.revert()

    assert (proof.took_effect, proof.details["made_anew"]) == (True, True)
    assert (tmp_path / "state/ledger.json").read_text() == "good"
    [beside] = (tmp_path / "fault/vanished").iterdir()
    assert (beside / "ledger.json").read_text() == "zeros"


def test_a_bot_that_never_missed_it_proves_nothing(site):
    fault = applied(Vanish, site, {})
    proof = fault.prove()
    fault.revert()

    assert not proof.took_effect
    assert "`No such file or directory or Permission denied" in proof.details["why"]


@pytest.mark.parametrize("made_anew", [False, True])
def test_its_undo_puts_it_back_from_any_state(site, tmp_path, made_anew):
    [needed] = Vanish(site, {}).undo()
    undo = Undo(Journal(tmp_path / "journal.jsonl", "arena"))
    record = undo.record(needed.kind, **needed.arguments)
    KINDS[needed.kind].undo(**needed.arguments)  # before anything was done
    assert (tmp_path / "state/ledger.json").read_text() == "good"
    applied(Vanish, site, {})
    assert not KINDS[needed.kind].gone(**needed.arguments)
    if made_anew:
        (tmp_path / "state").mkdir()

    for _ in range(2):
        undo.carry_out(record, needed.kind, needed.arguments)

    assert (tmp_path / "state/ledger.json").read_text() == "good"


KILLED = """
import os, signal, sys
from pathlib import Path
from fleet_stress.faults.applied_fault import AppliedFault
from fleet_stress.faults.disk.vanish import Vanish
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.undo import Undo
from tests.unit.engine.faults.conftest import make_site

folder = Path(sys.argv[1])
AppliedFault(Vanish, make_site(folder), {}, Undo(Journal(folder / "journal.jsonl", "arena")), 0.0, None)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_after_kill_9_the_journal_alone_brings_it_back(site, tmp_path, pytestconfig):
    environment = {**os.environ, "PYTHONPATH": str(pytestconfig.rootpath)}
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL
    assert not (tmp_path / "state").exists()

    assert undo_open(Journal(tmp_path / "journal.jsonl", "recover")) == []

    assert (tmp_path / "state/ledger.json").read_text() == "good"


@pytest.mark.root
@pytest.mark.linux
def test_what_is_mounted_cannot_be_moved_and_stays(site, tmp_path):
    with volumes.of_our_own():
        system.mount_ram_volume("somebody", tmp_path / "state", size=65536, inodes=None, owner=(0, 0))
        with pytest.raises(OSError, match="something is mounted there"):
            applied(Vanish, site, {})
    assert (tmp_path / "state/ledger.json").read_text() == "good"
