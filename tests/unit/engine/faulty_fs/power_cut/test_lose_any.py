"""Any operations in any order, then a power cut: the folder is what the promises leave of it, neither more nor less."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.unit.engine.faulty_fs.power_cut.oracle import Oracle
from tests.unit.engine.faulty_fs.power_cut.played import Played, tree

START = {"a": b"old a", "b": b"B" * 5000, "d": None, "d/c": b"old c"}
#: Few names, so that they meet.
FILES = st.sampled_from(["a", "b", "d/c", "x", "d/x", "e/x"])
FOLDERS = st.sampled_from(["d", "e", "d/f", "e/d"])
ANY = st.one_of(FILES, FOLDERS)
OFFSETS = st.sampled_from([0, 1, 3, 100, 4090, 4096, 5000, 9000])
LENGTHS = st.sampled_from([1, 5, 200, 4096, 6000])
OPERATIONS = st.one_of(
    st.tuples(st.just("create"), FILES),
    st.tuples(st.just("mkdir"), FOLDERS),
    st.tuples(st.just("write"), FILES, OFFSETS, LENGTHS),
    st.tuples(st.just("append"), FILES, LENGTHS),
    st.tuples(st.just("truncate"), FILES, st.sampled_from([0, 0, 2, 4096, 7000])),
    st.tuples(st.just("rename"), ANY, ANY),
    st.tuples(st.just("link"), FILES, FILES),
    st.tuples(st.just("unlink"), FILES),
    st.tuples(st.just("rmdir"), FOLDERS),
    st.tuples(st.just("fsync"), st.one_of(ANY, st.just("."))),
    st.tuples(st.just("fdatasync"), FILES),
    st.tuples(st.just("shut"), FILES),
)
LIKES = pytest.mark.parametrize("like", ["ext4", "apfs", "posix"])
FORGET = st.sampled_from(["data", "entries", "both", "half"])
SEQUENCES = st.lists(OPERATIONS, min_size=4, max_size=25)


def is_file(content):
    return content is not None


def is_folder(content):
    return content is None


class Both:
    """The folder with its power, and the oracle: each operation is done to both, where it can be done at all."""

    def __init__(self, place, like):
        self.folder = Path(place, "state")
        for path, content in START.items():
            at = self.folder / path
            if content is None:
                at.mkdir(parents=True)
            else:
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_bytes(content)
        self.stand = Played(self.folder, Path(place, "kept"), like)
        self.oracle = Oracle(like, START)
        self.written = 0

    def do(self, name, path, *more):
        path = "" if path == "." else self._there(name, path)
        if not self._possible(name, path, *more):
            return
        getattr(self, f"_{name}")(path, *more)
        assert tree(self.folder).keys() == {path for path in self._live_paths() if path}
        assert self.stand.power.broken is None

    def _there(self, name, path):
        """A path that is there, where the operation needs one: what cannot be done says nothing."""
        if name in ("create", "mkdir") or (self.folder / path).exists():
            return path
        wanted = is_folder if name == "rmdir" else is_file
        there = sorted(item for item, content in tree(self.folder).items() if wanted(content))
        return there[sum(path.encode()) % len(there)] if there else path

    def _live_paths(self):
        def below(folder, path):
            for (parent, name), number in self.oracle.now.items():
                if parent == folder:
                    here = f"{path}/{name}".lstrip("/")
                    yield here
                    if self.oracle.kinds[number] == "folder":
                        yield from below(number, here)

        return list(below(0, ""))

    def _possible(self, name, path, *more):
        at = self.folder / path
        if name in ("create", "mkdir"):
            return at.parent.is_dir() and not os.path.lexists(at)
        if name in ("rmdir",):
            return at.is_dir() and not any(at.iterdir())
        if name == "fsync":
            return at.exists()
        if name == "link":
            to = self.folder / more[0]
            return at.is_file() and to.parent.is_dir() and not to.exists()
        if name == "rename":
            to = self.folder / more[0]
            if (
                not at.exists()
                or not to.parent.is_dir()
                or (to == at or at in to.parents or to in at.parents)
            ):
                return False
            if not to.exists():
                return True
            return to.is_file() if at.is_file() else to.is_dir() and not any(to.iterdir())
        return at.is_file()

    def _data(self, length):
        """Bytes that no other write has written, as far as a byte goes."""
        self.written += 1
        return bytes([self.written % 255 + 1]) * length

    def _create(self, path):
        self.stand.create(path)
        self.oracle.make(path, "file")

    def _mkdir(self, path):
        self.stand.mkdir(path)
        self.oracle.make(path, "folder")

    def _write(self, path, offset, length):
        data = self._data(length)
        self.stand.write(path, offset, data)
        self.oracle.write(path, offset, data)

    def _append(self, path, length):
        data, end = self._data(length), (self.folder / path).stat().st_size
        self.stand.write(path, 0, data, os.O_APPEND)
        self.oracle.write(path, end, data)

    def _truncate(self, path, size):
        self.stand.truncate(path, size)
        self.oracle.truncate(path, size)

    def _rename(self, path, to):
        self.stand.rename(path, to)
        self.oracle.rename(path, to)

    def _link(self, path, to):
        self.stand.link(path, to)
        self.oracle.link(path, to)

    def _unlink(self, path):
        self.stand.unlink(path)
        self.oracle.remove(path)

    def _rmdir(self, path):
        self.stand.rmdir(path)
        self.oracle.remove(path)

    def _fsync(self, path):
        self.stand.fsync(path)
        self.oracle.fsync(path, only_data=False)

    def _fdatasync(self, path):
        self.stand.fsync(path, only_data=True)
        self.oracle.fsync(path, only_data=True)

    def _shut(self, path):
        self.stand.shut(path)
        self.oracle.shut(path)


def played(operations, like, then):
    """What ``then(both)`` returns after the operations, in a folder that goes with it."""
    with tempfile.TemporaryDirectory() as place:
        both = Both(place, like)
        try:
            for operation in operations:
                both.do(*operation)
            return then(both)
        finally:
            both.stand.close()


@LIKES
@given(operations=SEQUENCES, forget=FORGET)
def test_the_folder_is_what_the_promises_leave(like, operations, forget):
    def then(both):
        assume(both.oracle.is_a_tree(forget))
        both.stand.lose(forget)
        assert tree(both.folder) == both.oracle.tree(forget)
        assert list(Path(both.folder.parent, "kept").iterdir()) == []
        assert both.stand.power.held == {}

    played(operations, like, then)


@LIKES
@given(operations=SEQUENCES, forget=FORGET)
def test_what_was_fsynced_is_never_lost(like, operations, forget):
    """Without the oracle: each file, then each folder, and nothing may change."""

    def then(both):
        paths = [*tree(both.folder), "."]
        for path in sorted(paths, key=lambda item: tree(both.folder).get(item) is None):
            both.do("fsync", path)
        before = tree(both.folder)
        told = both.stand.lose(forget)
        assert tree(both.folder) == before
        assert (told["data_lost"], told["names_lost"]) == (0, 0)

    played(operations, like, then)


@LIKES
@given(operations=SEQUENCES, forget=FORGET)
def test_nothing_appears_that_was_never_written(like, operations, forget):
    """Without the oracle: each byte was once at that place of some file, or is one of the zeros of a hole."""

    def then(both):
        there = [content for content in START.values() if content]
        do = both.stand.write
        written = [(offset, item) for content in there for offset, item in enumerate(content)]

        def write(path, offset, data, flags=0):
            at = (both.folder / path).stat().st_size if flags & os.O_APPEND else offset
            written.extend((at + index, item) for index, item in enumerate(data))
            do(path, offset, data, flags)

        both.stand.write = write
        for operation in operations:
            both.do(*operation)
        both.stand.lose(forget)
        known = set(written)
        for content in tree(both.folder).values():
            for offset, item in enumerate(content or b""):
                assert item == 0 or (offset, item) in known

    played((), like, then)


@given(operations=SEQUENCES)
def test_a_power_cut_twice_takes_nothing_the_second_time(operations):
    def then(both):
        both.stand.lose("both")
        before = tree(both.folder)
        both.stand.lose("both")
        assert tree(both.folder) == before

    played(operations, "ext4", then)
