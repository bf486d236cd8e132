"""What is printed while a picture stands goes above it, as often as it is printed and no more."""

import io

from fleet_controller.runs.live_screen import _Above


def test_many_lines_at_once_are_one_printing_above_the_picture():
    printed = []
    above = _Above(printed.append, io.StringIO())

    above.write("a table\nof three\nlines\nand a be")
    above.write("ginning\n")

    assert printed == ["a table\nof three\nlines", "and a beginning"]


def test_what_was_only_begun_is_printed_at_last():
    printed = []
    above = _Above(printed.append, io.StringIO())
    above.write("half")
    above.flush()
    assert printed == ["half"]
