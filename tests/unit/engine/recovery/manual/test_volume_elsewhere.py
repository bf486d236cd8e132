"""A held volume is undone wherever it is by now, or its record stays open and says why: others use this host too."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.manual import volume as held_volume
from fleet_stress.recovery.manual.volume import EARLIER, Refused
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import open_records
from fleet_stress.run import leftovers
from fleet_stress.store.layout import MARKER, mark_of
from tests.unit.engine.faults import volumes

pytestmark = [pytest.mark.root, pytest.mark.linux]


@pytest.fixture
def below(wanted, tmp_path):
    """The volume lies deeper, so that a folder above it can be renamed."""
    folder = tmp_path / "srv/bot/cache"
    folder.mkdir(parents=True)
    return wanted._replace(folder=folder)


def ours():
    return [mount.point for mount in system.mounts() if mount.source.startswith("fleet-stress:")]


def still_open(stress_dir):
    return [record["kind"] for record in open_records(stress_dir / "by_hand/journal.jsonl")]


def somebody_mounts(folder):
    system.mount_ram_volume("somebody", folder, size=65536, inodes=None, owner=(0, 0))


def test_a_folder_above_it_was_renamed(stress_dir, below, tmp_path):
    held_volume.hold(below, 600)
    (tmp_path / "srv").rename(tmp_path / "elsewhere")
    assert ours() == [str(tmp_path / "elsewhere/bot/cache")]
    assert held_volume.anything_left(stress_dir, below.folder)

    assert recover(stress_dir, force=True)["failed"] == []

    assert (ours(), still_open(stress_dir)) == ([], [])


def test_it_is_released_after_a_folder_above_it_was_renamed(stress_dir, below, tmp_path):
    held_volume.hold(below, 600)
    (tmp_path / "srv").rename(tmp_path / "elsewhere")

    held_volume.release(stress_dir, below.folder)

    assert (ours(), still_open(stress_dir)) == ([], [])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whoever_holds_it_is_killed_and_then_the_folder_is_renamed(
    stress_dir, below, tmp_path, moment, hold_and_die, until_nothing_is_held
):
    """The watchdog alone is left; it knows the record, and the path in it leads nowhere."""
    hold_and_die(below, 0.5, moment, lambda: (tmp_path / "srv").rename(tmp_path / "elsewhere"))
    assert bool(ours()) == (moment == "after")

    until_nothing_is_held()
    assert (ours(), still_open(stress_dir)) == ([], [])


@pytest.mark.parametrize("where", ["srv/bot/cache", "srv/bot", "srv/bot/cache/inner"])
@pytest.mark.parametrize("earlier", [False, True])
def test_what_somebody_has_mounted_over_it_stays_and_the_record_stays_open(
    stress_dir, below, tmp_path, where, earlier
):
    if earlier:  # a journal of a version that knew no ids
        with records.Records(stress_dir, held_volume.name_of(below.folder)) as journal:
            journal.record("unmount", target=str(below.folder), source=EARLIER)
            system.mount_ram_volume(EARLIER, below.folder, size=65536, inodes=None, owner=(0, 0))
    else:
        held_volume.hold(below, 600)
    (tmp_path / where).mkdir(exist_ok=True)
    somebody_mounts(tmp_path / where)

    [failure] = recover(stress_dir, force=True)["failed"]

    assert "somebody (tmpfs) is mounted at" in failure
    assert f"Unmount {tmp_path / where} first" in failure
    assert [mount.point for mount in system.mounts() if mount.source == "somebody"] == [str(tmp_path / where)]
    assert (ours(), still_open(stress_dir)) == ([str(below.folder)], ["unmount"])

    system.unmount(tmp_path / where)
    assert recover(stress_dir, force=True)["failed"] == []
    assert (ours(), still_open(stress_dir)) == ([], [])


def test_a_mount_of_somebody_else_where_ours_was_is_never_taken_for_it(stress_dir, below, tmp_path):
    held_volume.hold(below, 600)
    (tmp_path / "srv").rename(tmp_path / "elsewhere")
    below.folder.mkdir(parents=True)
    somebody_mounts(below.folder)

    assert recover(stress_dir, force=True)["failed"] == []

    assert ours() == []
    assert [mount.point for mount in system.mounts() if mount.source == "somebody"] == [str(below.folder)]


def test_it_was_bound_to_another_folder_and_copied_into_a_namespace(stress_dir, wanted, tmp_path):
    held_volume.hold(wanted, 600)
    (tmp_path / "shown").mkdir()
    system.bind_mount(wanted.folder, tmp_path / "shown")
    other = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", "echo; exec sleep 60"], stdout=subprocess.PIPE
    )
    try:
        other.stdout.readline()
        assert recover(stress_dir, force=True)["failed"] == []
        assert "fleet-stress:" not in Path(f"/proc/{other.pid}/mountinfo").read_text()
    finally:
        other.kill()
        other.communicate()
    assert ours() == []


def test_whoever_undoes_it_may_be_in_another_namespace(stress_dir, wanted):
    """A watchdog that systemd runs is in that of the system, whatever a login has of its own."""
    with volumes.of_our_own():
        child = os.fork()
        if child == 0:
            held_volume.hold(wanted, 600)
            os.write(told := os.open(stress_dir / "held", os.O_CREAT | os.O_WRONLY), b"yes")
            os.close(told)
            signal.pause()
        deadline = time.monotonic() + 60
        while not (stress_dir / "held").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert len(ours()) == 1
    assert ours() == []
    try:
        assert recover(stress_dir, force=True)["failed"] == []
        assert "fleet-stress:" not in Path(f"/proc/{child}/mountinfo").read_text()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_another_place_on_this_host_is_another(stress_dir, wanted, tmp_path):
    other = tmp_path / "theirs"
    other.mkdir()
    (other / MARKER).write_text("{}")
    held_volume.hold(wanted, 600)

    assert not held_volume.anything_left(other, wanted.folder)
    held_volume.release(other, wanted.folder)
    with pytest.raises(Refused, match="is mounted at"):
        held_volume.hold(wanted._replace(stress_dir=other), 600)
    assert recover(other, force=True)["changed"] is False

    assert held_volume.is_active(wanted)


def test_the_host_is_not_clean_while_one_of_ours_stands_anywhere(stress_dir, wanted, tmp_path):
    with records.Records(stress_dir, held_volume.name_of(wanted.folder)) as journal:
        journal.record("unmount", target=str(wanted.folder), source=held_volume.new_source(stress_dir))
    source = f"fleet-stress:{mark_of('run', stress_dir)}/slow/slow_disk:0123456789abcdef"
    system.mount_ram_volume(source, wanted.folder, size=65536, inodes=None, owner=(0, 0))

    assert leftovers._mounts(stress_dir) == [str(wanted.folder)]
    assert leftovers._held_too_long(stress_dir)[0].startswith("held by hand: unmount")
    system.unmount(wanted.folder)


def test_the_watchdog_finds_our_folder_after_that_was_renamed(stress_dir, wanted, tmp_path):
    held_volume.hold(wanted, 2.0)
    stress_dir.rename(tmp_path / "moved")
    try:
        deadline = time.monotonic() + 60
        while (ours() or still_open(tmp_path / "moved")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert (ours(), still_open(tmp_path / "moved")) == ([], [])
    finally:
        (tmp_path / "moved").rename(stress_dir)
