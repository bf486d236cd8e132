"""Nothing in an archive of a bot is believed: whatever is odd is refused, and nothing is written outside."""

import gzip
import io
import tarfile

import pytest

from fleet_stress.store.bot_archive import BotCopyError
from fleet_stress.store.bot_copy import CopyRequest, place, unpack
from fleet_stress.store.layout import MARKER


def member(name, kind=tarfile.REGTYPE, content=b"", link="", mode=0o644):
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode, info.size = kind, link, mode, len(content)
    return info, content


def folder(name):
    return member(name, tarfile.DIRTYPE)


def link(name, target):
    return member(name, tarfile.SYMTYPE, link=target)


@pytest.fixture
def packed(tmp_path):
    """``packed(member(…), …)``: an archive as somebody hostile would make it."""

    def pack(*members):
        path = tmp_path / "archive.tar.gz"
        with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as tar:
            for info, content in members:
                tar.addfile(info, io.BytesIO(content))
        return path

    return pack


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "target"
    folder.mkdir()
    return folder


def refused(archive, target, limit=10):
    with pytest.raises(BotCopyError) as told:
        unpack(archive, target, limit)
    return str(told.value)


def test_what_is_plain_is_written_as_ours_and_writable_by_nobody_else(packed, target):
    archive = packed(
        folder("a"), member("a/x", content=b"1", mode=0o6777), member("b", mode=0o666), link("c", "a/x")
    )
    taken = unpack(archive, target, 10)
    assert [(entry.path, entry.kind, entry.executable) for entry in taken.entries] == [
        ("a", "folder", True),
        ("a/x", "file", True),
        ("b", "file", False),
        ("c", "link", False),
    ]
    modes = {path.name: path.lstat().st_mode & 0o7777 for path in target.rglob("*") if not path.is_symlink()}
    assert modes == {"a": 0o755, "x": 0o755, "b": 0o644}


@pytest.mark.parametrize(
    "name", ["/etc/evil", "../evil", "a/../../evil", "a/./evil", "..", ".", "a//evil", "a/..", "./evil"]
)
def test_a_path_that_is_not_plainly_inside_is_refused(packed, target, tmp_path, name):
    assert "not a plain file" in refused(packed(folder("a"), member(name, content=b"x")), target)
    assert not list(tmp_path.rglob("evil"))


@pytest.mark.parametrize(
    "kind",
    [tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
    ids=["hard", "c", "b", "fifo"],
)
def test_devices_pipes_and_hard_links_are_refused(packed, target, kind):
    assert "not a plain file" in refused(packed(member("x", kind, link="/etc/passwd")), target)
    assert list(target.iterdir()) == []


@pytest.mark.parametrize("leads", ["/etc/passwd", "../x", "a/../../x"])
def test_a_link_that_leaves_is_refused(packed, target, leads):
    assert "leaves it" in refused(packed(folder("a"), link("x", leads)), target)


def test_nothing_is_written_through_a_link(packed, target, tmp_path):
    message = refused(packed(folder("a"), link("b", "a"), member("b/x", content=b"1")), target)
    assert "b/x comes before its folder" in message
    assert not (target / "a/x").exists()


@pytest.mark.parametrize(
    "twice",
    [
        (member("x", content=b"1"), member("x", content=b"2")),
        (folder("x"), folder("x")),
        (folder("x"), link("x", "y")),
        (link("x", "y"), link("x", "z")),
        (link("x", "y"), member("x", content=b"1")),
    ],
)
def test_a_name_comes_once(packed, target, twice):
    assert refused(packed(*twice), target)


def test_more_than_the_limit_is_refused_before_it_is_written(packed, target):
    archive = packed(member("a", content=bytes(600_000)), member("b", content=bytes(600_000)))
    assert "more than bot_source_max_mb (1 MiB)" in refused(archive, target, 1)
    assert not (target / "b").exists()


def test_a_size_below_zero_makes_no_room(target, tmp_path):
    head, _ = member("x")
    block = bytearray(head.tobuf(tarfile.GNU_FORMAT))
    block[124:136] = b"\xff" * 11 + b"\x00"  # base 256, negative
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    archive = tmp_path / "archive.tar.gz"
    archive.write_bytes(gzip.compress(bytes(block) + bytes(1024)))
    assert "not a plain file" in refused(archive, target)


def test_a_name_that_no_file_can_have_is_refused(packed, target):
    info, _ = member("x")
    info.pax_headers = {"path": "a\0b"}
    assert "cannot be unpacked" in refused(packed((info, b"")), target)


@pytest.mark.parametrize("kept", [slice(200), slice(60), slice(0), slice(9, None)])
def test_a_damaged_archive_is_refused_and_brought_anew(packed, tmp_path, kept):
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / MARKER).touch()
    archive = packed(member("main.py", content=bytes(range(256)) * 40))
    archive.write_bytes(archive.read_bytes()[kept])
    with pytest.raises(BotCopyError, match="cannot be unpacked"):
        place(CopyRequest(ours / "bots", "tiny", archive, "0" * 64, {}, {}, 10))
    assert not archive.exists()
    assert not [path for path in (ours / "bots").iterdir() if path.name.startswith("tiny")]


def test_a_link_that_leaves_over_another_link_makes_no_copy(packed, tmp_path):
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / MARKER).touch()
    archive = packed(folder("a"), link("a/up", ".."), link("a/out", "up/.."))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    content = unpack(archive, scratch, 10).content
    with pytest.raises(BotCopyError, match="a/out is a link that leaves"):
        place(CopyRequest(ours / "bots", "tiny", archive, content, {}, {}, 10))
    assert not [path for path in (ours / "bots").iterdir() if path.name.startswith("tiny")]
