"""An exit, as evidence has it and in words."""

import pytest

from fleet_stress.store.exit_words import (
    could_end_others,
    died_of,
    exit_number,
    exit_words,
    is_death,
    split_exit,
)


@pytest.mark.parametrize(
    ("returncode", "entry", "words"),
    [
        (3, {"code": 3, "signal": None}, "exit code 3"),
        (-9, {"code": None, "signal": "KILL"}, "death by SIGKILL"),
        (143, {"code": 143, "signal": None}, "exit code 143 (128 + SIGTERM)"),
        (150, {"code": 150, "signal": None}, "exit code 150 (128 + signal 22)"),
    ],
)
def test_an_exit_has_a_code_or_a_signal(returncode, entry, words):
    assert split_exit(returncode) == entry
    assert exit_words(entry) == words


@pytest.mark.parametrize(("returncode", "number"), [(0, 0), (3, 3), (-15, 143), (143, 143), (-9, 137)])
def test_a_death_by_a_signal_is_the_code_by_which_a_shell_reports_it(returncode, number):
    assert exit_number(split_exit(returncode)) == number


def test_who_died_of_what():
    assert died_of(split_exit(-9), "KILL")
    assert died_of(split_exit(137), "KILL")
    assert not died_of(split_exit(143), "KILL")
    assert [is_death(split_exit(code)) for code in (0, 128, 129, 159, 160, 255, -2)] == [
        *(False, False, True, True, False, False, True)
    ]


@pytest.mark.parametrize(
    ("returncode", "expected"),
    [(0, True), (1, True), (-15, True), (143, True), (-9, False), (-8, False), (139, False)],
)
def test_who_is_killed_or_crashes_can_end_nobody_else(returncode, expected):
    """A shell that is killed by SIGFPE leaves its pipeline behind, as it does when killed by SIGKILL."""
    assert could_end_others({**split_exit(returncode), "by": "signal"}) is expected


def test_a_code_that_nobody_saw_is_no_number():
    unseen = {"code": None, "signal": None}
    assert exit_number(unseen) is None
    assert not is_death(unseen)
    assert exit_words(unseen) == "an exit code that nobody could see"
