"""What it prints nobody has to read: a full pipe, a reader that is gone, no standard output at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REFERENCE_BOT = Path(__file__).parents[3] / "reference_bot"
WITHIN = 60

SAY = """
import sys
sys.path.insert(0, "")
from trader.console import hold_standard_numbers, say
hold_standard_numbers()
{before}
say("first")
say("second")
"""


def said(before="", **how):
    program = [sys.executable, "-c", SAY.format(before=before)]
    return subprocess.run(program, cwd=REFERENCE_BOT, timeout=WITHIN, check=True, **how)


def test_a_line_each_for_whoever_listens():
    assert said(stdout=subprocess.PIPE).stdout == b"first\nsecond\n"


def test_a_full_pipe_is_not_waited_for():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.set_blocking(writing, True)
    try:
        said(stdout=writing)
    finally:
        os.close(reading)
        os.close(writing)


def test_a_reader_that_is_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    try:
        said(stdout=writing)
    finally:
        os.close(writing)


def test_without_a_standard_output_nothing_is_written_elsewhere(tmp_path):
    path = tmp_path / "opened first"
    said(f"stream = open({str(path)!r}, 'w'); assert stream.fileno() > 2", preexec_fn=lambda: os.close(1))
    assert path.read_text() == ""
