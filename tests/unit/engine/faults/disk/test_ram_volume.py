"""``ram_volume``: a real tmpfs in a mount namespace that the test made, in the place of the bot's folder."""

import errno
import json
import os
import pwd

import pytest

from fleet_stress import system
from fleet_stress.faults.disk.ram_volume import RamVolume
from fleet_stress.faults.site import Where
from fleet_stress.store.layout import FILE_PREFIX
from fleet_stress.system import ram_volume
from fleet_stress.system.process import User
from tests.unit.engine.faults import volumes
from tests.unit.engine.faults.conftest import applied, make_site

pytestmark = [pytest.mark.linux, pytest.mark.root]
STATE = {"folder": "state", "size": "64KB"}
NOBODY = User("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


@pytest.fixture
def site(tmp_path):
    with volumes.of_our_own():
        yield make_site(tmp_path, private_mounts=True, user=NOBODY)


def folder_of(site, name="state"):
    return ram_volume.Path(site.places[f"{name}_dir"])


def test_it_stands_as_asked_and_is_gone_afterwards(site):
    state = folder_of(site)
    fault = applied(RamVolume, site, STATE)

    there = ram_volume.at(state)
    assert (there.kind, there.source) == ("tmpfs", f"fleet-stress:{site.mark}")
    status = state.stat()
    assert (status.st_uid, status.st_mode & 0o777) == (NOBODY.uid, 0o700)
    assert ram_volume.figures(state)["size_bytes"] == 65536
    proof = fault.prove()
    assert proof.took_effect
    assert proof.details["written_until_enospc"] == 65536
    assert list(state.iterdir()) == []

    assert fault.revert() == {"mounted": None}
    assert all(mount.point != str(state) for mount in system.mounts())


def test_nobody_else_sees_it(site):
    # The first process of the system has another view, and that is everybody's.
    fault = applied(RamVolume, site, STATE)
    elsewhere = ram_volume.Path("/proc/1/mountinfo").read_text()
    assert site.mark not in elsewhere
    fault.revert()


def test_what_is_there_comes_along_and_what_is_there_in_the_end_stays(site):
    state = folder_of(site)
    (state / "ledger.json").write_text("good")
    (state / "old.json").write_text("old")
    (state / "link").symlink_to("nowhere")
    os.chown(state / "ledger.json", NOBODY.uid, NOBODY.gid)
    os.utime(state / "ledger.json", (1000, 1000))
    fault = applied(RamVolume, site, STATE)
    assert (state / "ledger.json").read_text() == "good"
    assert (state / "ledger.json").stat().st_uid == NOBODY.uid
    assert (state / "ledger.json").stat().st_mtime == 1000

    (state / "ledger.json").write_text("better")
    (state / "old.json").unlink()
    (state / "deep").mkdir(mode=0o750)
    (state / "deep/new.json").write_text("new")
    (state / f"{FILE_PREFIX}fill-0001.bin").write_text("ours")
    fault.revert()

    assert sorted(path.name for path in state.iterdir()) == ["deep", "ledger.json", "link"]
    assert (state / "ledger.json").read_text() == "better"
    assert (state / "ledger.json").stat().st_uid == NOBODY.uid
    assert (state / "deep").stat().st_mode & 0o777 == 0o750
    assert (state / "link").readlink() == ram_volume.Path("nowhere")


def test_an_empty_one_hides_what_was_there(site):
    (folder_of(site) / "ledger.json").write_text("good")
    arguments = {**STATE, "keep": False}
    fault = applied(RamVolume, site, arguments)
    assert list(folder_of(site).iterdir()) == []
    fault.revert()


def test_both_folders_share_one_volume(site):
    arguments = {"folder": "both", "size": "128KB"}
    state, log = folder_of(site), folder_of(site, "log")
    (log / "errors.log").write_text("a line\n")
    fault = applied(RamVolume, site, arguments)

    assert state.stat().st_dev == log.stat().st_dev != site.scratch.stat().st_dev
    before = ram_volume.figures(log)["free_bytes"]
    (state / "ledger.json").write_bytes(bytes(8192))
    assert ram_volume.figures(log)["free_bytes"] == before - 8192
    assert fault.prove().took_effect
    fault.revert()

    assert (log / "errors.log").read_text() == "a line\n"
    assert (state / "ledger.json").stat().st_size == 8192
    assert ram_volume.at(state) is ram_volume.at(log) is ram_volume.at(site.scratch / "volume") is None


def test_inodes_run_out_as_well(site):
    arguments = {**STATE, "inodes": 4}
    fault = applied(RamVolume, site, arguments)
    with pytest.raises(OSError, match="No space left"):
        for number in range(10):
            (folder_of(site) / str(number)).touch()
    assert fault.prove().took_effect
    fault.revert()


def test_it_has_room_for_what_the_bot_kept_there_in_the_baseline(site):
    baseline = site.evidence.parent / "baseline"
    baseline.mkdir()
    files = {f"state/{number}": {"size": 16384} for number in range(3)}
    snapshots = {"snapshots/01-after": {"files": files}}
    (baseline / "evidence.json").write_text(json.dumps({"snapshots": snapshots}))

    fault = applied(RamVolume, site, {**STATE, "inodes": 4})

    figures = ram_volume.figures(folder_of(site))
    assert figures["size_bytes"] == 4 * 3 * 16384
    assert figures["free_inodes"] >= 4 * 3 - 1
    assert fault.prove().took_effect
    fault.revert()


def test_what_does_not_fit_is_said_and_nothing_is_left_mounted(site):
    (folder_of(site) / "ledger.json").write_bytes(bytes(70000))
    with pytest.raises(OSError, match="does not fit on a volume of 64KB") as problem:
        applied(RamVolume, site, STATE)
    assert problem.value.errno == errno.ENOSPC
    assert ram_volume.at(folder_of(site)) is None
    assert (folder_of(site) / "ledger.json").stat().st_size == 70000


def test_it_did_not_bite_when_something_else_is_mounted_there(site):
    fault = applied(RamVolume, site, STATE)
    system.mount_ram_volume("somebody", folder_of(site), size=65536, inodes=None, owner=(0, 0))
    assert not fault.prove().took_effect
    system.unmount(folder_of(site))
    fault.revert()


def test_one_that_is_in_use_goes_all_the_same(site):
    fault = applied(RamVolume, site, STATE)
    with (folder_of(site) / "open").open("w") as stream:
        stream.write("x")
        fault.revert()
        assert ram_volume.at(folder_of(site)) is None


def test_without_a_namespace_nothing_is_mounted(tmp_path):
    site = make_site(tmp_path, private_mounts=False)
    with pytest.raises(OSError, match="others would see"):
        applied(RamVolume, site, STATE)
    assert ram_volume.at(folder_of(site)) is None


def test_it_is_tried_before_it_is_promised(tmp_path, monkeypatch):
    where = Where(tmp_path, {}, None)
    assert RamVolume.supported(where, STATE) is None
    before = system.mounts()
    monkeypatch.setattr(system, "why_no_ram_volume", lambda: "Operation not permitted")
    cannot = RamVolume.supported(where, STATE)
    assert "Operation not permitted" in cannot.reason
    assert "root" in cannot.enable
    assert system.mounts() == before


def test_more_than_the_memory_carries_is_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(system, "memory_available", lambda: 100_000)
    assert "more than half" in RamVolume.supported(Where(tmp_path, {}, None), STATE).reason
