"""The line that a bot prints in each cycle."""

from fleet_controller.drafting.repeated_lines import cycle_line

CYCLE = '{"message": "cycle finished", "n": %d}'


def printed(*counts, also=()):
    return [
        (start, "\n".join([*(also if start == 1 else ()), *(CYCLE % number for number in range(count))]))
        for start, count in enumerate(counts, 1)
    ]


def test_as_many_lines_as_cycles_were_asked_for_prove_it():
    line = cycle_line("stdout", printed(9, 4, 3, also=["starting the bot"]), 3)
    assert (line.stream, line.proved, line.by_start[3]) == ("stdout", True, 3)
    assert "cycle finished" in line.pattern


def test_another_number_of_lines_does_not():
    assert cycle_line("stdout", printed(9, 4, 2), 3) is None


def test_a_line_of_which_there_is_one_in_a_start_is_none():
    assert cycle_line("stdout", [(1, "starting the bot"), (2, "starting the bot")], None) is None


def test_a_template_in_an_output_is_escaped():
    line = cycle_line(
        "stdout", [(n, "\n".join(["{{ 7 * boom }} finished"] * c)) for n, c in ((1, 9), (3, 3))], 3
    )
    assert "{{" not in line.pattern
