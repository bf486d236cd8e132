"""flat_removal: what a stranger leaves is removed, and nothing else."""

import contextlib
import os
import socket
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.store.bare_python import flat_removal
from fleet_stress.store.bare_python.flat_removal import remove_flat
from tests.unit.engine.adversary import BOT, acting, deep_tree


def test_three_thousand_folders_in_each_other_are_removed(tmp_path):
    deep_tree(tmp_path / "deep", 3000)
    remove_flat(tmp_path / "deep")
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").touch()
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    for place in (tree / "link", tree / "a/link", tree / "a/b/link"):
        place.symlink_to(outside)
    remove_flat(tree)
    remove_flat(tree)  # repeatable

    tree.symlink_to(outside)
    remove_flat(tree)

    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "outside"]


def test_pipes_sockets_and_closed_folders_are_removed(tmp_path):
    tree = tmp_path / "tree"
    (tree / "closed/inner").mkdir(parents=True)
    os.mkfifo(tree / "closed/pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tree / "closed/inner/socket"))
    (tree / "closed/inner").chmod(0)
    (tree / "closed").chmod(0)
    remove_flat(tree)
    assert not tree.exists()


@pytest.mark.parametrize("name", ["gone", "gone/too"])
def test_what_is_not_there_is_well(tmp_path, name):
    remove_flat(tmp_path / name)


def test_a_folder_of_many_folders_takes_few_descriptors(tmp_path, monkeypatch):
    monkeypatch.setattr(flat_removal, "_NAMES", 7)
    for number in range(60):
        (tmp_path / f"tree/{number}/inner").mkdir(parents=True)
        (tmp_path / f"tree/{number}/file").touch()

    remove_flat(tmp_path / "tree")

    assert list(tmp_path.iterdir()) == []


def test_one_name_can_be_kept(tmp_path):
    for name in ("marker", "a/marker"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    flat_removal.empty(".", folder, keep=["marker"])
    os.close(folder)

    assert [path.name for path in tmp_path.rglob("*")] == ["marker"]


@pytest.mark.root
def test_a_link_that_is_exchanged_for_a_folder_meanwhile_leads_nowhere(tmp_path):
    """A bot puts links to a folder of root's in the place of its own folders, and moves these up and down."""
    kept = tmp_path / "kept"
    kept.mkdir()
    for number in range(20):
        (kept / f"file{number}").touch()

    for number in range(10):
        tree = tmp_path / f"tree{number}"
        for path in (tree, *(tree / f"d{one}" for one in range(10)), tree / "d0/d"):
            path.mkdir()
            os.chown(path, BOT.uid, BOT.gid)
        deep_tree(tree / "d0/d/deep", 50)
        with acting(_exchange, tree, kept):
            for _ in range(
                100
            ):  # it is repeatable, and ends at the latest when nobody is in the way any more
                try:
                    remove_flat(tree)
                    break
                except OSError:
                    continue
        remove_flat(tree)
        assert not tree.exists()
        assert len(list(kept.iterdir())) == 20


def _exchange(kept):
    for number in range(10):
        own, away = Path(f"d{number}"), Path("away")
        with contextlib.suppress(OSError):
            own.rename(away)
            own.symlink_to(kept)
            own.unlink()
            away.rename(own)
        with contextlib.suppress(OSError):
            Path("d0/d").rename("d")
            Path("d").rename("d0/d")


@pytest.mark.root
@pytest.mark.linux
def test_what_something_is_mounted_on_stays_with_its_content(tmp_path):
    """An admin's volume in a folder of ours is not ours to empty."""
    mounted = tmp_path / "tree/state"
    mounted.mkdir(parents=True)
    try:
        system.mount_ram_volume("an admin's", mounted, size=65536, inodes=None, owner=(0, 0))
    except OSError as problem:
        pytest.skip(f"nothing can be mounted here: {problem}")
    try:
        (mounted / "precious").touch()
        for path in (mounted, tmp_path / "tree"):
            with pytest.raises(OSError, match="busy"):
                remove_flat(path)
        assert (mounted / "precious").exists()
    finally:
        system.unmount(mounted)
    remove_flat(tmp_path / "tree")
    assert list(tmp_path.iterdir()) == []
