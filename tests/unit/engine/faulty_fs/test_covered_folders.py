"""What lies below a covered folder: where the engine looks, and who stands above it."""

import os
from pathlib import Path

import pytest

from fleet_stress.faulty_fs.covered_folders import CoveredFolders


class Served:
    dead = None
    released = 0

    def died(self):
        return self.dead

    def release(self):
        self.released += 1


@pytest.fixture
def descriptor(tmp_path):
    (tmp_path / "file").write_text("below")
    return os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)


def test_the_engine_looks_there_until_it_is_uncovered(descriptor):
    looked = []
    one = CoveredFolders(lambda: looked.append(dict(one.places)))
    one.cover("state_dir", descriptor, Served())
    assert (Path(one.places["state_dir"]) / "file").read_text() == "below"
    one.uncover("state_dir")
    one.uncover("state_dir")
    assert looked == [{"state_dir": f"/proc/self/fd/{descriptor}"}, {}]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_death_is_told_and_all_are_let_go(descriptor):
    one, served = CoveredFolders(lambda: None), Served()
    one.cover("state_dir", descriptor, served)
    assert one.died() is None
    served.dead = "it died"
    assert one.died() == "it died"
    one.release()
    assert served.released == 1
    one.uncover("state_dir")
    assert one.died() is None
