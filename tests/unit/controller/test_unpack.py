"""A host's archive is unpacked as what it is: a stranger's."""

import io
import tarfile

import pytest
from fleet_controller import unpack as module
from fleet_controller.unpack import Hostile, unpack


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

    with pytest.raises(Hostile, match="more than 10 bytes"):
        unpack(archive({"a": b"x" * 8, "b": b"x" * 8}), tmp_path / "host")


def test_half_an_archive_is_told_as_one(archive, tmp_path):
    path = archive({"a": b"x" * 1000})
    path.write_bytes(path.read_bytes()[:30])

    with pytest.raises(Hostile, match="not a whole archive"):
        unpack(path, tmp_path / "host")
