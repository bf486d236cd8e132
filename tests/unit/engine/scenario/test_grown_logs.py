"""A bot that has written nothing to a log at its limit is given something to log."""

import pytest

from fleet_stress.observe.bot_files import Tracked
from fleet_stress.scenario.grown_logs import left_as_grown


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "bot.log"
    path.write_text("just under its limit\n")
    return Tracked("errors", "log/bot.log", path, "text", (), None)


def document(log):
    status = log.path.stat()
    grown = {"key": log.key, "inode": status.st_ino, "size": status.st_size}
    return {"faults": [{"proof": {}}, {"proof": {"logs": [grown]}}]}


def test_a_log_that_nobody_wrote_to(log):
    assert left_as_grown(document(log), [log])


@pytest.mark.parametrize("what", ["written to", "rotated", "removed"])
def test_one_that_was(log, what):
    seen = document(log)
    if what == "written to":
        log.path.write_text("just under its limit\nand a line\n")
    else:
        log.path.rename(log.path.with_suffix(".1"))
    if what == "rotated":
        log.path.write_text("a line of another file.\n")
    assert not left_as_grown(seen, [log])


def test_without_such_a_log_there_is_nothing_to_make_it_write():
    assert not left_as_grown({"faults": []}, [])
