"""A host's archive is unpacked as what it is: a stranger's."""

import contextlib
import gzip
import io
import shutil
import tarfile

import pytest
from fleet_controller.untrusted import unpack as module
from fleet_controller.untrusted.unpack import Hostile, NoRoom, unpack
from hypothesis import given
from hypothesis import strategies as st

from tests.messages.codes import says


@pytest.fixture
def archive(tmp_path):
    """``archive({"name": b"data"})``; in a list it is the type of something else than a file."""

    def make(members):
        path = tmp_path / "archive.tar.gz"
        with tarfile.open(path, "w:gz") as target:
            for name, content in members.items():
                entry = tarfile.TarInfo(name)
                if isinstance(content, bytes):
                    entry.size = len(content)
                    target.addfile(entry, io.BytesIO(content))
                else:
                    entry.type, entry.linkname = content[0], "/etc/passwd"
                    target.addfile(entry)
        return path

    return make


def test_files_come_to_lie_below_the_target(archive, tmp_path):
    unpack(archive({"result.json": b"{}", "evidence/a/b.txt": b"seen"}), tmp_path / "host")

    assert (tmp_path / "host/result.json").read_bytes() == b"{}"
    assert (tmp_path / "host/evidence/a/b.txt").read_bytes() == b"seen"


def test_unpacked_again_the_newer_content_stands(archive, tmp_path):
    unpack(archive({"result.json": b"a longer one"}), tmp_path / "host")
    unpack(archive({"result.json": b"new"}), tmp_path / "host")

    assert (tmp_path / "host/result.json").read_bytes() == b"new"


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"/tmp/x": b""}, "leads out of its folder"),
        ({"a/../../x": b""}, "leads out of its folder"),
        ({"link": [tarfile.SYMTYPE]}, "is no regular file"),
        ({"hard": [tarfile.LNKTYPE]}, "is no regular file"),
        ({"pipe": [tarfile.FIFOTYPE]}, "is no regular file"),
    ],
)
def test_what_no_host_of_ours_would_send_is_refused(archive, tmp_path, members, told):
    with pytest.raises(Hostile, match=told):
        unpack(archive(members), tmp_path / "host")

    assert not (tmp_path / "x").exists()


def test_it_may_not_fill_our_disk(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BYTES_LIMIT", 10)

    with pytest.raises(Hostile, match=says("sent_too_much")):
        unpack(archive({"a": b"x" * 8, "b": b"x" * 8}), tmp_path / "host")


def test_half_an_archive_is_told_as_one(archive, tmp_path):
    path = archive({"a": b"x" * 1000})
    path.write_bytes(path.read_bytes()[:30])

    with pytest.raises(Hostile, match=says("sent_half")):
        unpack(path, tmp_path / "host")


@pytest.fixture
def raw(tmp_path):
    """``raw(blocks)``: an archive of just these bytes, as nobody's tar would write them."""

    def make(data):
        path = tmp_path / "archive.tar.gz"
        with gzip.open(path, "wb", compresslevel=1) as target:
            for piece in data:
                target.write(piece)
        return path

    return make


def header(name, kind=tarfile.REGTYPE, size=0, **more):
    entry = tarfile.TarInfo(name)
    entry.type, entry.size = kind, size
    for key, value in more.items():
        setattr(entry, key, value)
    return entry.tobuf(tarfile.GNU_FORMAT)


def nothing_below(folder):
    return not folder.exists() or not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\x1b[2Jb", r"`a\\x1b\[2Jb` is no name"),
        ("a\nb", "is no name"),
        ("a\u202eb", r"is no name"),
        ("a//b", "is no name"),
        ("./a", "is no name"),
        ("a\\b", "is no name"),
        ("x" * 256, "is too long a name"),
        ("/".join(["d" * 200] * 6), "is too long a name"),
        ("", "is no name"),
    ],
)
def test_names_that_are_none_are_refused_and_told_harmlessly(archive, tmp_path, name, told):
    with pytest.raises(Hostile, match=told) as refused:
        unpack(archive({name: b"x"}), tmp_path / "host")

    assert "\x1b" not in str(refused.value)
    assert nothing_below(tmp_path / "host")


@pytest.mark.parametrize("names", [("a", "a"), ("a", "a/b"), ("a/b", "a")])
def test_a_name_stands_there_once(raw, tmp_path, names):
    with pytest.raises(Hostile, match=says("sent_twice")):
        unpack(raw([*(header(name) for name in names), bytes(1024)]), tmp_path / "host")


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_SPARSE, tarfile.CONTTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_what_is_larger_than_what_it_brings_or_no_file_at_all_is_refused(raw, tmp_path, kind):
    with pytest.raises(Hostile):
        unpack(raw([header("a", kind), bytes(2048)]), tmp_path / "host")
    assert nothing_below(tmp_path / "host")


def test_a_size_below_nothing_makes_no_room(raw, tmp_path):
    negative = bytearray(header("a"))
    negative[124:136] = b"\xff" * 12  # base-256: minus one
    negative[148:156] = b"%06o\0 " % (sum(negative[:148]) + 8 * 32 + sum(negative[156:512]))

    with pytest.raises(Hostile):
        unpack(raw([bytes(negative), bytes(1024)]), tmp_path / "host")


def test_a_header_that_says_it_is_huge_costs_no_memory(raw, tmp_path):
    """Names beyond a hundred bytes stand in headers of their own, of any length: all of it would be read at once."""
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
        with pytest.raises(Hostile, match=says("sent_a_large_header")):
            unpack(raw([header("x", kind, size=8 * 2**30), bytes(1024)]), tmp_path / "host")


def test_headers_of_headers_without_end_are_told(raw, tmp_path):
    chain = header("x", tarfile.GNUTYPE_LONGNAME, size=1) + b"a" + bytes(511)
    with pytest.raises(Hostile):
        unpack(raw([chain] * 5000), tmp_path / "host")


def test_a_bomb_goes_off_nowhere(raw, tmp_path, monkeypatch):
    """A thousand times smaller packed than unpacked."""
    monkeypatch.setattr(module, "BYTES_LIMIT", 1_000_000)
    bomb = raw([header("a", size=50_000_000), *[bytes(1_000_000)] * 50])
    assert bomb.stat().st_size < 500_000

    with pytest.raises(Hostile, match=says("sent_too_much")):
        unpack(bomb, tmp_path / "host")
    assert nothing_below(tmp_path / "host")


def test_files_by_the_million_are_counted_and_so_are_folders(raw, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MEMBERS_LIMIT", 100)

    with pytest.raises(Hostile, match=says("sent_too_much")):
        unpack(raw([*(header(f"f{number}") for number in range(200)), bytes(1024)]), tmp_path / "host")
    with pytest.raises(Hostile, match=says("sent_too_much")):
        unpack(raw([*(header(f"{number}/d/d/f") for number in range(60)), bytes(1024)]), tmp_path / "deep")


def test_our_own_disk_keeps_room_whatever_comes(archive, tmp_path, monkeypatch):
    monkeypatch.setattr(
        module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, 400_000_000)
    )

    with pytest.raises(NoRoom, match="only 400 MB are free on this disk; make room"):
        unpack(archive({"a": b"x"}), tmp_path / "host")


def test_one_host_takes_a_share_of_what_is_free(archive, tmp_path, monkeypatch):
    free = module.RESERVE + 4000
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**12, 0, free))

    unpack(archive({"a": b"x" * 1000}), tmp_path / "host")
    with pytest.raises(Hostile, match=says("sent_too_much")):
        unpack(archive({"a": b"x" * 1001}), tmp_path / "host")


@given(st.binary(max_size=2000), st.integers(0, 511), st.binary(min_size=1, max_size=40))
def test_whatever_comes_it_is_unpacked_or_refused(raw, tmp_path, data, at, change):
    """Random bytes, and a sound header that was changed somewhere (with the sum that makes it look sound)."""
    odd = bytearray(header("a/b", size=len(data)))
    odd[at : at + len(change)] = change
    odd = odd[:512].ljust(512, b"\0")
    odd[148:156] = b"%06o\0 " % (sum(odd[:148]) + 8 * 32 + sum(odd[156:512]) & 0o777777)
    for blocks in ([bytes(odd), data.ljust(-(-len(data) // 512) * 512, b"\0"), bytes(1024)], [data]):
        with contextlib.suppress(Hostile):
            unpack(raw(blocks), tmp_path / "host")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "host") == ["archive.tar.gz"]
    assert not [path for path in (tmp_path / "host").rglob("*") if path.is_symlink()]
    shutil.rmtree(tmp_path / "host", ignore_errors=True)
