"""Whoever prints to a reader that has left goes on as before."""

import contextlib
import os
import subprocess
import sys

from fleet_controller.messages.dropped_output import drop_what_nobody_takes


def pipe():
    """A stream into a pipe, and the descriptor of the end that a reader has."""
    reader, writer = os.pipe()
    return os.fdopen(writer, "w"), reader


def test_output_reaches_its_reader_line_by_line():
    stream, reader = pipe()
    drop_what_nobody_takes(stream)

    stream.write("passed 3.1\n")

    assert os.read(reader, 100) == b"passed 3.1\n", "a log that is followed need not wait for eight kilobytes"
    stream.close()


def test_output_is_dropped_when_its_reader_has_left():
    stream, reader = pipe()
    drop_what_nobody_takes(stream)
    drop_what_nobody_takes(stream)
    os.close(reader)

    for _ in range(3):
        assert stream.write("x" * 100_000 + "\n") == 100_001
    stream.flush()
    stream.close()


def test_a_full_disk_costs_what_did_not_fit():
    stream = open("/dev/full", "w")  # noqa: PTH123, SIM115
    drop_what_nobody_takes(stream)

    stream.write("x" * 100_000 + "\n")
    stream.flush()
    with contextlib.suppress(OSError):
        stream.buffer.raw.close()


def test_output_that_was_closed_before_is_dropped():
    program = (
        "from fleet_controller.messages.dropped_output import drop_what_nobody_takes\n"
        "import sys\n"
        "assert sys.stdout is None\n"
        "drop_what_nobody_takes()\n"
        "sys.stdout.write('nobody reads this')\n"
        "raise SystemExit(7)\n"
    )
    done = subprocess.run(["/bin/sh", "-c", f'"{sys.executable}" -c "$1" >&-', "sh", program], check=False)
    assert done.returncode == 7


def test_the_exit_code_stays_that_of_the_program():
    program = (
        "from fleet_controller.messages.dropped_output import drop_what_nobody_takes\n"
        "drop_what_nobody_takes()\n"
        "print('x' * 100_000)\n"
        "raise SystemExit(7)\n"
    )
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert (done.returncode, done.stderr) == (7, b"")
