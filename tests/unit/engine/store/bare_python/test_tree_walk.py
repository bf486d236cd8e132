"""tree_walk: a stranger's tree is walked by descriptors, and its depth is not the stranger's choice."""

import contextlib
import os
import stat
from pathlib import Path

import pytest

from fleet_stress.observe import bot_files
from fleet_stress.observe.stray_writes import StrayWrites
from fleet_stress.store.bare_python import no_links, tree_walk
from tests.unit.engine.adversary import BOT, acting, deep_tree_at


def walked(folder, **limits):
    with no_links.opened_folder(folder) as top:
        return [(seen.path, seen.entered) for seen in tree_walk.walk(top, **limits)]


def test_a_folder_comes_before_what_is_in_it(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/c").touch()
    (tmp_path / "d").symlink_to("a")

    assert walked(tmp_path) == [("a", True), ("a/b", True), ("a/b/c", False), ("d", False)]


def test_what_is_too_deep_is_seen_and_not_looked_into(tmp_path):
    (tmp_path / "a/b/c").mkdir(parents=True)

    assert walked(tmp_path, deepest=2) == [("a", True), ("a/b", False)]
    assert walked(tmp_path, longest=3) == [("a", True), ("a/b", False)]


def test_three_thousand_folders_in_each_other_are_a_finding_about_the_bot(tmp_path):
    """As stray writes, and as entries of a snapshot, whose paths are such as files can be opened by."""
    before = StrayWrites({"home": tmp_path}, [])

    with deep_tree_at(tmp_path / "deep", 3000):
        [stray] = before.written()
        [(path, status)] = bot_files.regular_files(tmp_path)

    assert stray["path"].count("/") == tree_walk.DEEPEST
    assert path == tmp_path / stray["path"].partition("/")[2]
    assert stat.S_ISDIR(status.st_mode)


def test_few_descriptors_are_open_and_none_afterwards(tmp_path):
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    with deep_tree_at(tmp_path / "deep", 200), no_links.opened_folder(tmp_path) as top:
        walk = tree_walk.walk(top)
        for _ in range(100):
            next(walk, None)
        assert len(os.listdir("/dev/fd")) <= before + tree_walk.DEEPEST + 2  # noqa: PTH208
        walk.close()
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


@pytest.mark.root
def test_a_folder_that_is_exchanged_for_a_link_meanwhile_is_not_left(tmp_path):
    private, tree = tmp_path / "private", tmp_path / "tree"
    for folder in (private, tree, tree / "folder"):
        folder.mkdir(mode=0o700)
        (folder / "own").touch()
    (private / "shadow").touch()
    for path in (tree, tree / "folder"):
        os.chown(path, BOT.uid, BOT.gid)

    with acting(_exchange, tree, private):
        for _ in range(300):
            assert "shadow" not in {path.name for path, _ in bot_files.regular_files(tree)}


def _exchange(private):
    with contextlib.suppress(OSError):
        Path("folder").rename("away")
        Path("folder").symlink_to(private)
        Path("folder").unlink()
    Path("away").rename("folder")
