"""short_answer: a bot's Python that says too much, says it for ever, or leaves its output to others."""

import subprocess
import sys
import time

import pytest

from fleet_stress.system import short_answer


def said_by(code, within=20.0):
    pipe = subprocess.PIPE
    started = subprocess.Popen([sys.executable, "-I", "-c", code], stdout=pipe, stderr=pipe)
    said = short_answer.of(started, within)
    assert started.returncode is not None
    return said


def test_both_streams_are_told_apart():
    assert said_by("import sys; print('out'); print('err', file=sys.stderr)") == (b"out\n", b"err\n")
    assert said_by("import os; os.close(1); os.close(2)") == (b"", b"")


def test_what_is_kept_has_an_end():
    out, err = said_by("import sys; sys.stdout.write('x' * 30_000_000)")
    assert (out, err) == (b"x" * short_answer.MOST, b"")


@pytest.mark.parametrize("code", ["while True: print('x' * 10_000)", "import time; time.sleep(60)"])
def test_it_has_a_time(code):
    assert said_by(code, 0.5) is None


def test_who_has_inherited_its_output_is_not_waited_for():
    began = time.monotonic()
    left = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-I', '-c', 'import time; time.sleep(8)'])"
    )
    assert said_by(f"{left}; print('well')") == (b"well\n", b"")
    assert time.monotonic() - began < 7
