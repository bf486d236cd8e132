"""Without rules it is a file system as any other, for a bot's user; and the folder below holds the same at once."""

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import threading
from pathlib import Path

import pytest

from tests.unit.engine.faulty_fs import nobody
from tests.unit.engine.faulty_fs.nobody import names

pytestmark = [pytest.mark.linux, pytest.mark.root]

RENAME_NOREPLACE, RENAME_EXCHANGE = 1, 2


@pytest.fixture
def stood(stand):
    return stand()


def test_what_is_written_is_on_the_folder_below_at_once(stood):
    def write():
        with (stood.top / "a").open("w") as stream:
            stream.write("all of it")
            stream.flush()
            return (stood.below / "a").read_text()

    assert nobody.run(write) == "all of it"


def test_what_the_engine_changes_below_is_seen_at_once(stood):
    (stood.below / "a").write_text("one")
    assert (stood.top / "a").read_text() == "one"
    (stood.below / "a").write_text("longer")
    assert (stood.top / "a").read_text() == "longer"
    assert (stood.top / "a").stat().st_size == 6
    (stood.below / "a").unlink()
    assert not (stood.top / "a").exists()


def test_what_is_made_belongs_to_the_caller(stood):
    def make():
        (stood.top / "file").touch(mode=0o640)
        (stood.top / "folder").mkdir(mode=0o750)
        (stood.top / "link").symlink_to("nowhere")
        os.mkfifo(stood.top / "pipe")

    nobody.run(make)
    (stood.top / "of root").touch()

    owners = {path.name: (path.lstat().st_uid, path.lstat().st_gid) for path in stood.below.iterdir()}
    theirs = (nobody.NOBODY.pw_uid, nobody.NOBODY.pw_gid)
    assert owners == {**dict.fromkeys(("file", "folder", "link", "pipe"), theirs), "of root": (0, 0)}
    assert (stood.below / "file").stat().st_mode & 0o777 == 0o640
    assert (stood.below / "folder").stat().st_mode & 0o777 == 0o750


def test_a_folder_can_hand_its_group_down(stood):
    folder = stood.below / "shared"
    folder.mkdir()
    os.chown(folder, nobody.NOBODY.pw_uid, 1234)
    folder.chmod(0o2775)
    nobody.run((stood.top / "shared/file").touch)
    assert (folder / "file").stat().st_gid == 1234


def test_permissions_are_checked_as_ever(stood):
    secret = stood.below / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    for deed in (
        lambda: (stood.top / "secret").read_text(),
        lambda: (stood.top / "secret").write_text("x"),
        lambda: (stood.top / "secret").chmod(0o644),
        lambda: os.chown(stood.top / "secret", nobody.NOBODY.pw_uid, -1),
        lambda: os.truncate(stood.top / "secret", 0),
    ):
        with pytest.raises(PermissionError):
            nobody.run(deed)
    assert secret.read_text() == "of root"
    # Whoever opened it for writing may go on, whatever its mode has become.
    nobody.run(_write_to_what_has_become_read_only, stood.top / "mine")


def _write_to_what_has_become_read_only(path):
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o444)
    os.write(descriptor, b"0123456789")
    os.ftruncate(descriptor, 4)
    assert os.pread(descriptor, 10, 0) == b"0123"


def test_a_link_that_leads_out_leads_the_caller_out_and_not_us(stood, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of root")
    secret.chmod(0o600)
    nobody.run((stood.top / "out").symlink_to, secret)
    with pytest.raises(PermissionError):
        nobody.run((stood.top / "out").read_text)


def test_a_file_without_a_name_goes_on(stood):
    def go_on():
        with (stood.top / "t").open("w+") as stream:
            stream.write("0123456789")
            stream.flush()
            (stood.top / "t").unlink()
            os.fchmod(stream.fileno(), 0o600)
            stream.truncate(4)
            stream.seek(0)
            status = os.fstat(stream.fileno())
            return stream.read(), status.st_nlink, status.st_size, names(stood.top)

    assert nobody.run(go_on) == ("0123", 0, 4, [])
    assert names(stood.below) == []


def test_renaming_over_an_open_file_leaves_it_to_whoever_has_it_and_there_is_always_one(stood):
    (stood.below / "state").write_text("0")
    missing, over = [], threading.Event()

    def look():
        while not over.is_set():
            try:
                with (stood.top / "state").open() as stream:
                    assert os.fstat(stream.fileno()).st_size
                    assert stream.read()
            except BaseException as problem:
                missing.append(problem)

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(200):
        (stood.top / "state.tmp").write_text(str(number))
        (stood.top / "state.tmp").replace(stood.top / "state")
    over.set()
    looking.join()

    assert missing == []
    assert names(stood.below) == ["state"]
    assert (stood.top / "state").read_text() == "199"


def test_two_names_are_one_file(stood):
    def link():
        (stood.top / "a").write_text("one")
        (stood.top / "b").hardlink_to(stood.top / "a")
        with (stood.top / "a").open("a") as one, (stood.top / "b").open("a") as other:
            one.write(" two")
            one.flush()
            other.write(" three")
        status = (stood.top / "a").stat()
        fcntl.flock(held := os.open(stood.top / "a", os.O_RDONLY), fcntl.LOCK_EX)
        with pytest.raises(BlockingIOError):
            fcntl.flock(os.open(stood.top / "b", os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(held)
        return (stood.top / "b").read_text(), status.st_nlink, status.st_ino

    inode = (stood.below / "a").stat().st_ino if (stood.below / "a").exists() else None
    assert inode is None
    text, links, seen = nobody.run(link)
    assert (text, links) == ("one two three", 2)
    assert seen == (stood.below / "b").stat().st_ino


def test_renames_with_flags(stood):
    libc = ctypes.CDLL(None, use_errno=True)

    def rename(old, new, flags):
        done = libc.renameat2(-100, os.fsencode(stood.top / old), -100, os.fsencode(stood.top / new), flags)
        return ctypes.get_errno() if done else 0

    (stood.below / "a").write_text("a")
    (stood.below / "b").write_text("b")
    assert rename("a", "b", RENAME_NOREPLACE) == errno.EEXIST
    assert rename("a", "c", RENAME_NOREPLACE) == 0
    assert rename("c", "b", RENAME_EXCHANGE) == 0
    assert ((stood.below / "c").read_text(), (stood.below / "b").read_text()) == ("b", "a")
    (stood.below / "full/x").parent.mkdir()
    (stood.below / "full/x").touch()
    (stood.below / "empty").mkdir()
    with pytest.raises(OSError, match="not empty"):
        (stood.top / "empty").rename(stood.top / "full")


def test_many_append_and_no_line_is_lost(stood):
    def append(who):
        with (stood.top / "log").open("a") as stream:
            for number in range(100):
                stream.write(f"{who} {number}\n")
                stream.flush()

    workers = [threading.Thread(target=append, args=(who,)) for who in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(set((stood.below / "log").read_text().splitlines())) == 800


def test_memory_maps_are_written_back(stood):
    def change():
        with (stood.top / "a").open("w+b") as stream:
            stream.write(bytes(10000))
            stream.flush()
            with mmap.mmap(stream.fileno(), 0) as seen:
                seen[5000:5005] = b"hello"
                seen.flush()

    nobody.run(change)
    assert (stood.below / "a").read_bytes()[5000:5005] == b"hello"


def test_locks_of_both_kinds_hold(stood):
    (stood.below / "a").touch()
    os.chown(stood.below / "a", nobody.NOBODY.pw_uid, -1)
    for lock in (fcntl.flock, fcntl.lockf):

        def try_it(lock=lock):
            with (stood.top / "a").open("w") as stream, contextlib.suppress(BlockingIOError):
                lock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return "got it"
            return "held"

        with (stood.top / "a").open("w") as stream:
            lock(stream, fcntl.LOCK_EX)
            assert nobody.run(try_it) == "held"
        assert nobody.run(try_it) == "got it"


def test_a_large_folder_is_listed_once_each_while_it_changes(stood):
    made = {f"file-{number:04d}-{'x' * 100}" for number in range(2000)}
    for name in made:
        (stood.below / name).touch()
    seen = []
    with os.scandir(stood.top) as listing:
        for item in listing:
            seen.append(item.name)
            with contextlib.suppress(FileNotFoundError):
                (stood.top / item.name).unlink()
    assert len(seen) == len(set(seen))
    assert set(seen) == made
    assert names(stood.below) == []


def test_times_are_kept_to_the_nanosecond(stood):
    def set_times():
        (stood.top / "a").touch()
        os.utime(stood.top / "a", ns=(1_000_000_001, 2_000_000_002))

    nobody.run(set_times)
    status = (stood.top / "a").stat()
    assert (status.st_atime_ns, status.st_mtime_ns) == (1_000_000_001, 2_000_000_002)
    assert (stood.below / "a").stat().st_mtime_ns == 2_000_000_002


def test_truncating_writing_in_the_middle_and_holes(stood):
    path = stood.top / "a"
    path.write_bytes(b"0123456789")
    with path.open("r+b") as stream:
        stream.seek(20)
        stream.write(b"x")
    os.truncate(path, 25)
    assert (stood.below / "a").read_bytes() == b"0123456789" + bytes(10) + b"x" + bytes(4)
    with path.open("wb"):
        pass
    assert (stood.below / "a").stat().st_size == 0
    with path.open("r+b") as stream:
        os.posix_fallocate(stream.fileno(), 0, 8192)
    assert (stood.below / "a").stat().st_size == 8192


def test_a_file_of_more_than_4_gb(stood):
    with (stood.top / "a").open("wb") as stream:
        stream.seek(5 * 1024**3)
        stream.write(b"end")
    with (stood.top / "a").open("rb") as stream:
        stream.seek(5 * 1024**3)
        assert stream.read() == b"end"
    assert (stood.below / "a").stat().st_size == 5 * 1024**3 + 3


def test_extended_attributes_are_honestly_not_there(stood):
    (stood.top / "a").touch()
    with pytest.raises(OSError, match="not supported") as problem:
        os.setxattr(stood.top / "a", "user.one", b"1")
    assert problem.value.errno == errno.ENOTSUP


def test_the_volume_is_the_one_below(stood):
    top, below = os.statvfs(stood.top), os.statvfs(stood.below)
    assert (top.f_blocks, top.f_frsize, top.f_namemax) == (below.f_blocks, below.f_frsize, below.f_namemax)


def test_odd_names(stood):
    for name in (b"\xff\xfe", "ä".encode(), b"a" * 255, b"new\nline", b" "):
        Path(os.fsdecode(os.fsencode(stood.top) + b"/" + name)).write_text("x")
    assert len(names(stood.below)) == 5
    with pytest.raises(OSError, match="too long"):
        (stood.top / ("a" * 256)).touch()
    # Also where they are told: a log is text.
    assert len(stood.mounted.log.read_text().splitlines()) >= 10


def test_moving_a_folder_moves_all_in_it(stood):
    (stood.top / "one/two").mkdir(parents=True)
    with (stood.top / "one/two/file").open("w") as stream:
        (stood.top / "one").rename(stood.top / "other")
        stream.write("written afterwards")
    assert (stood.top / "other/two/file").read_text() == "written afterwards"
    assert '"path": "other/two/file"' in stood.mounted.log.read_text().splitlines()[-1]


def test_it_is_what_rules_and_reports_call_operations(stood):
    def save():
        with (stood.top / "s.tmp").open("w") as stream:
            stream.write("x")
            stream.flush()
            os.fsync(stream.fileno())
        (stood.top / "s.tmp").replace(stood.top / "s")
        folder = os.open(stood.top, os.O_RDONLY)
        os.fsync(folder)
        (stood.top / "s").open("r+").close()
        (stood.top / "s").unlink()

    nobody.run(save)
    wanted = {"create": 1, "write": 1, "fsync": 2, "rename": 1, "open": 1, "unlink": 1}
    assert stood.mounted.figures().operations == wanted
