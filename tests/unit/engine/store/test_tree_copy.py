"""tree_copy: a bot's files are copied, and what a bot makes of that is not."""

import contextlib
import os
import socket
import stat
from pathlib import Path

import pytest

from fleet_stress.store import tree_copy
from fleet_stress.store.bare_python import tree_walk
from fleet_stress.store.bare_python.no_links import opened_folder
from tests.unit.engine.adversary import BOT, acting, deep_tree_at

SECRET = b"root:$y$j9T$CANARY\n"


def copied(source, target, **arguments):
    """The copy, in a new folder."""
    target.mkdir(mode=0o700)
    with opened_folder(source) as original, opened_folder(target) as folder:
        tree_copy.copy_tree(original, folder, **arguments)
    return target


def below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def source(tmp_path):
    (tmp_path / "source/old").mkdir(parents=True)
    (tmp_path / "source/old/a.json").write_text("{}")
    (tmp_path / "source/old").chmod(0o750)
    os.utime(tmp_path / "source/old", (7, 8))
    (tmp_path / "source/link").symlink_to("old")
    return tmp_path / "source"


def test_files_folders_and_links_are_copied_with_modes_and_times(tmp_path, source):
    copy = copied(source, tmp_path / "copy")

    assert below(copy) == ["link", "old", "old/a.json"]
    assert (copy / "link").readlink() == Path("old")
    assert stat.S_IMODE((copy / "old").stat().st_mode) == 0o750
    assert (copy / "old").stat().st_mtime == 8


def test_pipes_sockets_and_set_id_bits_are_not(tmp_path, source):
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(source / "socket"))
    (source / "old/a.json").chmod(0o6755)
    (source / "old").chmod(0o7777)

    copy = copied(source, tmp_path / "copy")

    assert below(copy) == ["link", "old", "old/a.json"]
    assert stat.S_IMODE((copy / "old/a.json").stat().st_mode) == 0o755
    assert stat.S_IMODE((copy / "old").stat().st_mode) == 0o777


def test_names_can_be_left_out_at_any_depth(tmp_path, source):
    (source / "old/ours-1").mkdir()
    (source / "old/ours-1/a").touch()
    (source / "ours-2").touch()

    assert below(copied(source, tmp_path / "copy", leave_out="ours-")) == ["link", "old", "old/a.json"]


def test_a_file_that_seems_to_be_large_takes_no_more_room_than_it_has(tmp_path, source):
    with (source / "sparse").open("wb") as stream:
        stream.truncate(100 << 20)
        stream.seek(50 << 20)
        stream.write(b"here")

    copy = copied(source, tmp_path / "copy") / "sparse"

    assert copy.stat().st_size == 100 << 20
    assert copy.stat().st_blocks * 512 < 8 << 20
    with copy.open("rb") as stream:
        stream.seek(50 << 20)
        assert stream.read(4) == b"here"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (tree_copy.Limits(size=1), "its files have more than 1 bytes"),
        (tree_copy.Limits(entries=2), "more than 2"),
    ],
)
def test_a_bot_does_not_choose_how_much_is_copied(tmp_path, source, limits, why):
    with pytest.raises(tree_copy.TooMuch, match=why):
        copied(source, tmp_path / "copy", limits=limits)


def test_of_three_thousand_folders_in_each_other_the_upper_ones_are_copied(tmp_path, source):
    with deep_tree_at(source / "deep", 3000):
        copy = copied(source, tmp_path / "copy")

    assert len(below(copy)) == 3 + tree_walk.DEEPEST


@pytest.mark.root
@pytest.mark.parametrize("first_name_is", ["there", "gone"])
def test_another_users_file_under_a_second_name_is_not_copied(tmp_path, source, first_name_is):
    """Where the kernel lets a bot make such a link (fs.protected_hardlinks=0). passwd(1) takes the first one away."""
    (tmp_path / "shadow").write_bytes(SECRET)
    os.chown(source, BOT.uid, BOT.gid)
    (source / "shadow").hardlink_to(tmp_path / "shadow")
    if first_name_is == "gone":
        (tmp_path / "shadow").unlink()

    assert below(copied(source, tmp_path / "copy", owner=tree_copy.Owner(BOT.uid, BOT.gid))) == [
        *("link", "old", "old/a.json")
    ]


@pytest.mark.root
def test_a_link_that_is_exchanged_for_a_file_meanwhile_brings_nothing_of_roots(tmp_path):
    """As a bot did that had /etc/shadow after 208 of 2,008 tries."""
    (tmp_path / "private").mkdir(mode=0o700)
    (tmp_path / "private/shadow").write_bytes(SECRET)
    source = tmp_path / "source"
    source.mkdir()
    for name in ("shadow", "folder"):
        (source / name).mkdir() if name == "folder" else (source / name).write_bytes(b"own")
        os.chown(source / name, BOT.uid, BOT.gid)
    os.chown(source, BOT.uid, BOT.gid)

    with acting(_exchange, source, tmp_path / "private"):
        for number in range(300):
            copy = copied(source, tmp_path / f"copy{number}", owner=tree_copy.Owner(BOT.uid, BOT.gid))
            for path in copy.rglob("*"):
                assert path.is_symlink() or path.is_dir() or path.read_bytes() == b"own"


def _exchange(private):
    for name, target in (("shadow", private / "shadow"), ("folder", private)):
        with contextlib.suppress(OSError):
            Path("link").symlink_to(target)
        with contextlib.suppress(OSError):
            Path(name).rename("away")
            Path("link").rename(name)
            Path(name).unlink()
            Path("away").rename(name)
