"""A volume held by hand, and its way of undoing: ours alone, and believed only after looking."""

import pytest

from fleet_stress import system
from fleet_stress.recovery.lease import ForAnother
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.manual import volume as held_volume
from fleet_stress.recovery.manual.renew import renew
from fleet_stress.recovery.manual.volume import EARLIER, Refused, new_source
from fleet_stress.recovery.recover import recover
from fleet_stress.recovery.undo import KINDS, open_records
from fleet_stress.system import ram_volume

pytestmark = [pytest.mark.root, pytest.mark.linux]


def mounted(folder):
    return [mount.source for mount in system.mounts() if mount.point == str(folder)]


def test_it_is_there_whole_and_can_be_taken_away(stress_dir, wanted):
    held_volume.hold(wanted, 600)
    assert held_volume.is_active(wanted)
    assert held_volume.mounted_volume(stress_dir, wanted.folder)["size_bytes"] == 102400  # whole pages
    assert wanted.folder.stat().st_uid == 65534
    held_volume.release(stress_dir, wanted.folder)
    assert mounted(wanted.folder) == []
    assert open_records(stress_dir / "by_hand/journal.jsonl") == []


def test_another_size_takes_its_place(stress_dir, wanted):
    held_volume.hold(wanted, 600)
    other = wanted._replace(size=65536, inodes=32)
    assert not held_volume.is_active(other)
    held_volume.hold(other, 600)
    assert held_volume.is_active(other)
    assert len(mounted(wanted.folder)) == 1
    assert len(open_records(stress_dir / "by_hand/journal.jsonl")) == 1


def test_recover_takes_it_away_when_told_so_whatever_is_open_on_it(stress_dir, wanted):
    held_volume.hold(wanted, 600)
    with (wanted.folder / "open").open("w"):
        assert recover(stress_dir)["held"] == {f"ram_volume:{wanted.folder}": pytest.approx(600, abs=120)}
        [source] = mounted(wanted.folder)
        assert recover(stress_dir, look_only=True, force=True)["undone"] == [
            f"held by hand: unmount {wanted.folder} {source}"
        ]
        report = recover(stress_dir, force=True)
    assert (report["changed"], report["failed"]) == (True, [])
    assert mounted(wanted.folder) == []
    assert recover(stress_dir)["changed"] is False


def test_what_could_not_be_mounted_leaves_nothing(stress_dir, wanted, monkeypatch):
    monkeypatch.setattr(system, "mount_ram_volume", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        held_volume.hold(wanted, 600)
    assert recover(stress_dir)["changed"] is False
    assert records.held(stress_dir) == {}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_whoever_dies_around_the_mount_the_watchdog_takes_it_away(
    stress_dir, wanted, moment, hold_and_die, until_nothing_is_held
):
    hold_and_die(wanted, 2.0, moment)

    until_nothing_is_held()
    assert records.held(stress_dir) == {}
    assert mounted(wanted.folder) == []


@pytest.mark.parametrize("earlier", [True, False])
def test_what_others_have_mounted_is_never_touched(stress_dir, wanted, earlier):
    system.mount_ram_volume("somebody", wanted.folder, size=65536, inodes=None, owner=(0, 0))
    with pytest.raises(Refused, match="somebody is mounted at"):
        held_volume.hold(wanted, 600)
    arguments = {"target": str(wanted.folder), "source": EARLIER if earlier else new_source(stress_dir)}
    assert KINDS["unmount"].gone(**arguments)
    KINDS["unmount"].undo(**arguments)
    assert mounted(wanted.folder) == ["somebody"]


def test_a_folder_with_something_in_it_is_refused(stress_dir, wanted):
    (wanted.folder / "precious").touch()
    with pytest.raises(Refused, match="not empty"):
        held_volume.hold(wanted, 600)


def test_a_link_or_no_folder_is_refused(stress_dir, wanted, tmp_path):
    (tmp_path / "link").symlink_to(wanted.folder)
    for path in (tmp_path / "link", tmp_path / "nowhere"):
        with pytest.raises(Refused, match="no folder, or a link"):
            held_volume.hold(wanted._replace(folder=path), 600)


def test_more_than_the_memory_carries_is_refused(stress_dir, wanted, monkeypatch):
    monkeypatch.setattr(system, "memory_available", lambda: 100_000)
    with pytest.raises(Refused, match="more than half"):
        held_volume.hold(wanted, 600)


def test_names_with_spaces_are_found_again(stress_dir, wanted, tmp_path):
    folder = tmp_path / "with a space\\and more"
    folder.mkdir()
    held_volume.hold(wanted._replace(folder=folder), 600)
    assert ram_volume.at(folder).point == str(folder)
    held_volume.release(stress_dir, folder)
    assert ram_volume.at(folder) is None


def test_what_is_held_for_somebody_is_nobody_elses_to_replace_renew_or_end(stress_dir, wanted):
    """The command whose link was cut for longer than its lease comes back, and another one holds the same by now."""
    held_volume.hold(wanted, 600, holder="theirs")
    for attempt in (
        lambda: held_volume.hold(wanted._replace(size=65536), 600, holder="mine"),
        lambda: renew(stress_dir, held_volume.name_of(wanted.folder), 30, "mine"),
        lambda: held_volume.release(stress_dir, wanted.folder, "mine"),
    ):
        with pytest.raises(ForAnother, match="held on this host by somebody else"):
            attempt()
        assert held_volume.is_active(wanted)
    assert renew(stress_dir, held_volume.name_of(wanted.folder), 30, "theirs") == pytest.approx(30, abs=20)
    held_volume.release(stress_dir, wanted.folder, "theirs")
    assert mounted(wanted.folder) == []
