"""New lines that match are counted once each, over a rotation and a cut as well."""

import pytest

from fleet_stress.observe.line_counter import NewLines


@pytest.fixture
def log(tmp_path):
    return tmp_path / "bot.log"


@pytest.fixture
def lines(log):
    """A log with a line in it, watched from now on."""
    log.write_text("beat\n")
    lines = NewLines(log, "^beat$")
    yield lines
    lines.close()


def add(log, text):
    with log.open("a") as stream:
        stream.write(text)


def test_only_new_lines_that_match_count_and_only_once(lines, log):
    assert lines.more()[0] == 0
    add(log, "beat\nnothing\nbeat\n")
    assert lines.more() == (2, log.stat().st_mtime)
    assert lines.more()[0] == 0


def test_a_line_counts_when_it_is_whole(lines, log):
    add(log, "be")
    assert lines.more()[0] == 0
    add(log, "at\n")
    assert lines.more()[0] == 1


def test_a_rotated_log_is_read_to_its_end_first(lines, log):
    add(log, "beat\n")
    log.rename(log.with_suffix(".log.1"))
    add(log, "beat\nbeat\n")
    assert lines.more()[0] == 3


def test_a_log_that_was_cut_off_begins_anew(lines, log):
    add(log, "nothing\n" * 10)
    lines.more()
    log.write_text("beat\n")
    assert lines.more()[0] == 1


def test_a_log_that_is_not_there_yet_counts_from_its_first_line(tmp_path):
    lines = NewLines(tmp_path / "later.log", "beat")
    assert lines.more()[0] == 0
    add(tmp_path / "later.log", "beat\n")
    assert lines.more()[0] == 1
    lines.close()


def test_what_is_no_regular_file_tells_nothing(tmp_path):
    (tmp_path / "real").write_text("")
    (tmp_path / "bot.log").symlink_to("real")
    lines = NewLines(tmp_path / "bot.log", "beat")
    add(tmp_path / "real", "beat\n")
    assert lines.more()[0] == 0
    lines.close()
