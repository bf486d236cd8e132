"""What the controller writes is whole or not there, and no more open than its user's umask says."""

import os
import stat

import pytest
from fleet_controller.untrusted.atomic_files import write_atomic, write_bytes_atomic


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o027, 0o640)])
def test_a_file_is_as_open_as_the_umask_says(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_atomic(tmp_path / "run/results.json", {"a": 1})
        write_atomic(tmp_path / "run/results.json", {"a": 2})
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "run/results.json").stat().st_mode) == mode
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["results.json"]


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "theirs").write_text("theirs")
    (tmp_path / "ours").symlink_to("theirs")

    write_bytes_atomic(tmp_path / "ours", b"ours")

    assert (tmp_path / "theirs").read_text() == "theirs"
    assert (tmp_path / "ours").read_bytes() == b"ours"


def test_what_could_not_be_written_leaves_nothing(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_bytes_atomic(tmp_path / "folder", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
