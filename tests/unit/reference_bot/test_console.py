"""What it prints, and where. An output that is closed or full is rows 6.15 A and B."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_without_a_standard_output_nothing_is_written_elsewhere(tmp_path):
    path = tmp_path / "opened first"
    said(f"stream = open({str(path)!r}, 'w'); assert stream.fileno() > 2", preexec_fn=lambda: os.close(1))
    assert path.read_text() == ""
