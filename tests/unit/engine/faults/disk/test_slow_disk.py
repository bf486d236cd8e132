"""``slow_disk`` and ``faulty_fs``: a real mount in the place of the bot's folder, proved by what was met."""

import os
import pwd
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.faults import unsupported
from fleet_stress.faults.disk import by_fuse, covering, faulty_fs, slow_disk
from fleet_stress.faults.site import Where
from fleet_stress.faulty_fs.covered_folders import CoveredFolders
from fleet_stress.recovery import undo
from fleet_stress.system.process import User
from tests.unit.engine.faults import volumes
from tests.unit.engine.faults.conftest import applied, changed, make_site
from tests.unit.engine.faulty_fs import nobody
from tests.unit.engine.faulty_fs.conftest import place  # noqa: F401

LATE = {"latency": 0.05}
NOBODY = User("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
needs_root = pytest.mark.root
pytestmark = pytest.mark.linux


@pytest.fixture
def site(place):  # noqa: F811
    with volumes.of_our_own():
        made = make_site(place, private_mounts=True, user=NOBODY)
        for name in ("state", "log"):
            os.chown(made.places[f"{name}_dir"], NOBODY.uid, NOBODY.gid)
        yield made


def touch(site, name="a", where="state_dir"):
    nobody.run((volume_of(site, where) / name).touch)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def volume_of(site, where="state_dir"):
    return Path(site.places[where])


@needs_root
def test_what_was_delayed_is_the_proof(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    touch(site)
    touch(site, "b")

    assert fault.hits() == 2
    proof = fault.prove()
    assert proof.took_effect
    assert proof.details["delayed"] == 2
    assert proof.details["delayed_seconds"] >= 0.1
    assert proof.details["folders"]["state"]["operations"]["create"] == 2

    assert fault.revert() == {"mounted": None}
    assert names(volume_of(site)) == ["a", "b"]
    assert '"op": "create"' in (site.evidence / "slow_disk-state.jsonl").read_text()


@needs_root
def test_when_nobody_was_delayed_it_did_not_bite(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    (volume_of(site) / "by root").touch()
    proof = fault.prove()
    fault.revert()
    assert not proof.took_effect
    assert proof.details["why"] == "no operation of the bot was delayed"


@needs_root
def test_the_engine_looks_below_while_it_stands(site):
    looked = []
    site = changed(
        site, underneath=CoveredFolders(lambda: looked.append(dict(site.isolation.underneath.places)))
    )
    fault = applied(slow_disk.SlowDisk, site, {"latency": 1000.0})
    below = Path(site.isolation.underneath.places["state_dir"])
    (below / "a").write_text("of the engine")  # and it does not wait
    assert names(volume_of(site)) == ["a"]
    fault.revert()
    assert (list(looked[0]), looked[1]) == (["state_dir"], {})


@needs_root
def test_both_folders(site):
    arguments = {"folder": "both", "rules": [{"on": ["create"], "path": "b", "errno": "ENOSPC"}]}
    fault = applied(faulty_fs.FaultyFs, site, arguments)
    for where in ("state_dir", "log_dir"):
        touch(site, "a", where)
        with pytest.raises(OSError, match="No space"):
            touch(site, "b", where)
    proof = fault.prove()
    fault.revert()
    assert proof.took_effect
    assert proof.details["met"] == 2
    assert [folder["rules"][0]["met"] for folder in proof.details["folders"].values()] == [1, 1]


@needs_root
def test_without_rules_it_bit_when_something_passed(site):
    arguments = {"rules": []}
    fault = applied(faulty_fs.FaultyFs, site, arguments)
    assert not fault.prove().took_effect
    touch(site)
    proof = fault.prove()
    fault.revert()
    assert proof.took_effect
    assert "why" not in proof.details


@needs_root
def test_two_at_once_on_one_folder_are_refused_and_the_first_stays(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    with pytest.raises(OSError, match="already"):
        applied(faulty_fs.FaultyFs, site, {"rules": []})
    touch(site)
    assert fault.prove().took_effect
    fault.revert()


@needs_root
def test_its_record_undoes_it_whoever_has_mounted_it(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    [needed] = fault.undo()
    kind = undo.KINDS[needed.kind]
    assert not kind.gone(**needed.arguments)
    kind.undo(**needed.arguments)
    assert kind.gone(**needed.arguments)
    assert not fault.prove().took_effect
    with pytest.raises(OSError, match=r"died|taken away by others"):
        fault.revert()
    assert site.isolation.underneath.places == {}


@needs_root
def test_nobody_else_sees_it(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    assert site.mark not in Path("/proc/1/mountinfo").read_text()
    fault.revert()
    with pytest.raises(OSError, match="others would see"):
        applied(slow_disk.SlowDisk, changed(site, private_mounts=False), LATE)


def test_it_is_tried_before_it_is_promised(tmp_path, monkeypatch):
    steps = [{"verb": "fault", "args": {"fault": "slow_disk", "args": {**LATE, "by": "fuse"}}}]
    where = Where(tmp_path, {}, None)
    before = system.mounts()
    monkeypatch.setenv("FUSE_LIBRARY_PATH", "/nonexistent/libfuse3.so")
    monkeypatch.setattr(by_fuse, "_tried", lambda _: "libfuse3 cannot be used: not there")
    cannot = unsupported(steps, where)
    assert "libfuse3 cannot be used" in cannot.reason
    assert "apt-get install fuse3" in cannot.enable
    assert system.mounts() == before
    assert names(tmp_path) == []


@needs_root
def test_where_it_can_be_had_nothing_is_left_of_the_attempt(tmp_path):
    before = system.mounts()
    assert covering.supported(Where(tmp_path, {}, None), LATE) is None
    assert system.mounts() == before
    assert names(tmp_path) == []


@needs_root
def test_the_same_run_in_another_container_keeps_its_own(site):
    """Its mark is ours, letter by letter: the same run, scenario and folder; only the number of the fault differs."""
    theirs = applied(slow_disk.SlowDisk, site, LATE)
    with volumes.of_our_own():  # a copy: both are seen here
        ours = slow_disk.SlowDisk(site, LATE)
        [needed] = ours.undo()
        undo.KINDS[needed.kind].undo(**needed.arguments)
    touch(site)
    assert theirs.prove().took_effect
    theirs.revert()
