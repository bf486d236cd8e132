"""flat_removal: what a stranger leaves is removed, and nothing else."""

import os
import socket

import pytest

from fleet_stress.store.bare_python.flat_removal import remove_flat


def deep_tree(top, levels):
    """Folders in each other, deeper than any path can name: made step by step, by descriptors."""
    top.mkdir()
    folder = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("folder", dir_fd=folder)
        below = os.open("folder", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(os.open("file", os.O_CREAT, dir_fd=folder))
    os.close(folder)


def test_five_thousand_folders_in_each_other_are_removed(tmp_path):
    deep_tree(tmp_path / "deep", 5000)
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
