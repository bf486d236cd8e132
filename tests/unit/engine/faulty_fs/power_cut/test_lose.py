"""What a power cut leaves of a folder, by what was fsynced: the known cases, one by one."""

import os

import pytest

from tests.unit.engine.faulty_fs.power_cut.played import Played, tree


@pytest.fixture
def play(tmp_path):
    """``play("ext4")``: a folder that holds ``old`` and ``d/in``, which were there before."""
    stands = []

    def make(like):
        folder = tmp_path / "state"
        (folder / "d").mkdir(parents=True)
        (folder / "old").write_bytes(b"old")
        (folder / "d/in").write_bytes(b"in")
        stands.append(Played(folder, tmp_path / "kept", like))
        return stands[-1]

    yield make
    for stand in stands:
        assert stand.power.broken is None
        assert list((tmp_path / "kept").iterdir()) == []
        assert stand.power.held == {}
        stand.close()


BEFORE = {"old": b"old", "d": None, "d/in": b"in"}
LIKES = pytest.mark.parametrize("like", ["ext4", "apfs", "posix"])
FORGET = pytest.mark.parametrize("forget", ["data", "entries", "both", "half"])


@LIKES
@FORGET
def test_what_was_made_durable_is_never_lost(play, like, forget):
    stand = play(like)
    stand.save("old", b"new and longer")
    stand.create("d/more")
    stand.write("d/more", 0, b"more")
    stand.fsync("d/more")
    stand.fsync("d")
    told = stand.lose(forget)
    assert tree(stand.folder) == {"old": b"new and longer", "d": None, "d/in": b"in", "d/more": b"more"}
    assert (told["data_lost"], told["names_lost"]) == (0, 0)


@LIKES
def test_a_new_file_is_empty_or_not_there(play, like):
    stand = play(like)
    stand.create("new")
    stand.write("new", 0, b"new")
    told = stand.lose("data")
    assert tree(stand.folder) == {**BEFORE, "new": b""}
    assert told["data"] == [{"path": "new", "size": 3, "left": 0}]

    stand.create("newer")
    stand.write("newer", 0, b"newer")
    told = stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "new": b""}
    assert told["names"] == [{"path": "newer", "how": "is gone"}]


@LIKES
def test_half_a_line_is_left_of_a_log_that_was_appended_to(play, like):
    stand = play(like)
    stand.write("old", 3, b"+appended")
    told = stand.lose("half")
    left = (
        b"old+app" if like != "ext4" else b"old+app" + bytes(5)
    )  # its size is on disk within the last block
    assert tree(stand.folder) == {**BEFORE, "old": left}
    assert told["data"] == [{"path": "old", "size": 12, "left": len(left)}]


@pytest.mark.parametrize(("like", "left"), [("ext4", b"unsynced"), ("apfs", b""), ("posix", b"")])
def test_a_rename_without_fsync_leaves_an_empty_file_where_nothing_forces_its_data(play, like, left):
    """Documentation/admin-guide/ext4.rst, auto_da_alloc: replace via rename."""
    stand = play(like)
    stand.save("old", b"unsynced", sync=False)
    stand.lose("data")
    assert tree(stand.folder) == {**BEFORE, "old": left}


@LIKES
def test_a_first_rename_replaces_nothing_so_nothing_is_forced(play, like):
    stand = play(like)
    stand.save("new", b"unsynced", sync=False)
    stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "new": b""}


@LIKES
def test_a_rename_whose_folder_was_not_fsynced_is_taken_back(play, like):
    stand = play(like)
    stand.save("old", b"new", sync_folder=False)
    told = stand.lose("entries")
    # The new file was fsynced: where the journal is ordered its first name has become durable with it.
    beside = {} if like == "posix" else {"old.tmp": b"new"}
    assert tree(stand.folder) == {**BEFORE, **beside}
    assert {"path": "old", "how": "is the one before"} in told["names"]


@pytest.mark.parametrize("like", ["ext4", "apfs"])
def test_an_fsync_of_another_file_takes_along_what_was_done_before(play, like):
    """One transaction holds all, and commits all (ext4.rst, commit; fs/ext4/fsync.c)."""
    stand = play(like)
    stand.save("old", b"new", sync_folder=False)
    stand.create("other")
    stand.write("other", 0, b"other")
    stand.fsync("other")
    stand.unlink("d/in")
    stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "old": b"new", "other": b"other"}


def test_an_fsync_of_what_was_not_touched_since_takes_nothing_along(play):
    """Its transaction may have been committed long ago."""
    stand = play("ext4")
    stand.save("old", b"new", sync_folder=False)
    stand.fsync("d/in")
    stand.lose("entries")
    assert tree(stand.folder)["old"] == b"old"


def test_an_fdatasync_of_a_new_and_empty_file_takes_its_name_along(play):
    """Also where something else was synced meanwhile (i_datasync_tid of a new inode, fs/ext4/ialloc.c)."""
    stand = play("ext4")
    stand.create("new")
    stand.fsync("old", only_data=True)
    stand.fsync("new", only_data=True)
    stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "new": b""}


@LIKES
def test_what_has_no_name_any_more_is_not_told_as_lost(play, like):
    stand = play(like)
    stand.write("d/in", 2, b"more")
    stand.unlink("d/in")
    stand.rmdir("d")
    stand.fsync(".")
    told = stand.lose("both")
    assert tree(stand.folder) == {"old": b"old"}
    assert (told["data"], told["names"]) == ([], [])


@LIKES
def test_what_was_overwritten_in_place_is_old_or_new(play, like):
    stand = play(like)
    stand.write("old", 0, b"NEW")
    stand.lose("entries")
    assert tree(stand.folder) == {**BEFORE, "old": b"NEW"}
    stand.write("old", 0, b"xyz")
    told = stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "old": b"NEW"}
    assert told["data"] == [{"path": "old", "size": 3, "left": 3}]


@pytest.mark.parametrize(("like", "left"), [("ext4", b"old\0\0\0\0"), ("apfs", b"old"), ("posix", b"old")])
def test_an_append_is_missing_or_where_the_block_was_there_zeros(play, like, left):
    """ext4_da_do_write_end(): within an allocated block the size on disk grows at once."""
    stand = play(like)
    stand.write("old", 0, b"more", os.O_APPEND)
    stand.lose("data")
    assert tree(stand.folder)["old"] == left


@LIKES
def test_an_append_over_the_end_of_the_block(play, like):
    stand = play(like)
    stand.write("old", 3, b"x" * 5000)
    stand.lose("data")
    assert tree(stand.folder)["old"] == (b"old".ljust(4096, b"\0") if like == "ext4" else b"old")


@pytest.mark.parametrize(("like", "left"), [("ext4", b"again"), ("apfs", b""), ("posix", b"")])
def test_truncated_and_written_anew(play, like, left):
    """ext4.rst, auto_da_alloc: replace via truncate, forced when it is closed."""
    stand = play(like)
    stand.truncate("old", 0)
    stand.write("old", 0, b"again")
    stand.shut("old")
    stand.lose("data")
    assert tree(stand.folder)["old"] == left


@LIKES
def test_truncated_and_not_yet_closed_it_is_empty_or_as_before(play, like):
    stand = play(like)
    stand.truncate("old", 0)
    stand.write("old", 0, b"again")
    stand.lose("both")
    assert tree(stand.folder)["old"] == b"old"
    stand.truncate("old", 0)
    stand.write("old", 0, b"again")
    stand.lose("data")
    assert tree(stand.folder)["old"] == b""


@LIKES
def test_what_was_removed_is_back(play, like):
    stand = play(like)
    (stand.folder / "old").chmod(0o640)
    stand.unlink("old")
    stand.unlink("d/in")
    stand.rmdir("d")
    stand.mkdir("d")
    stand.create("d/in")
    told = stand.lose("both")
    assert tree(stand.folder) == BEFORE
    assert (stand.folder / "old").stat().st_mode & 0o777 == 0o640
    assert {"path": "old", "how": "is back"} in told["names"]


@LIKES
def test_folders_that_were_moved_are_moved_back_with_what_is_in_them(play, like):
    stand = play(like)
    stand.mkdir("new")
    stand.rename("d", "new/e")
    stand.rename("old", "new/e/old")
    stand.lose("entries")
    assert tree(stand.folder) == BEFORE


@pytest.mark.parametrize("forget", ["entries", "both"])
def test_a_folder_comes_back_out_of_one_that_was_never_durable(play, forget):
    """Where each folder's names are durable for themselves: those of the new one are, and it is not."""
    stand = play("posix")
    stand.mkdir("new")
    stand.rename("d", "new/d")
    stand.fsync("new")
    stand.lose(forget)
    assert tree(stand.folder) == BEFORE


def test_a_folder_that_would_durably_be_in_two_places_is_in_one(play):
    stand = play("posix")
    stand.mkdir("new")
    stand.fsync(".")
    stand.rename("d", "new/d")
    stand.fsync("new")
    stand.lose("both")
    assert tree(stand.folder) == {"old": b"old", "new": None, "new/d": None, "new/d/in": b"in"}


def test_a_lost_chmod_is_taken_back(play):
    stand = play("ext4")
    (stand.folder / "old").chmod(0o640)
    stand.chmod("old", 0o600)
    stand.lose("both")
    assert (stand.folder / "old").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("flag", [os.O_SYNC, os.O_DSYNC])
def test_a_synchronous_write_is_an_fsync(play, flag):
    stand = play("apfs")
    stand.write("old", 0, b"0123456789", flag)
    stand.lose("both")
    assert tree(stand.folder)["old"] == b"0123456789"


def test_a_full_journal_is_committed(play):
    stand = play("ext4")
    for number in range(1100):
        stand.create(f"d/{number}")
        stand.unlink(f"d/{number}")
    assert len(stand.power.model.changes) <= 2000
    assert len(stand.power.held) <= 4010
    stand.lose("both")
    assert set(tree(stand.folder)) <= set(BEFORE) | {f"d/{number}" for number in range(1100)}


def test_after_it_all_that_is_there_is_durable_and_it_goes_on(play):
    stand = play("apfs")
    stand.create("new")
    stand.power.cut("data")
    with pytest.raises(OSError, match="Input/output error"), stand.power.on():
        pass
    stand.lose("data")
    stand.write("new", 0, b"new")
    stand.lose("both")
    assert tree(stand.folder) == {**BEFORE, "new": b""}


def test_what_is_not_known_is_said_and_nothing_is_taken(play):
    stand = play("apfs")
    stand.power.kept.keep_copy = None  # as when the disk of the copies is full
    stand.truncate("old", 0)
    with pytest.raises(OSError, match="TypeError"):
        stand.lose("both")
    assert tree(stand.folder)["old"] == b""
    stand.power.broken = None
    stand.power.restored()
