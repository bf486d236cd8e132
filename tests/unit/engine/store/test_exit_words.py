"""An exit, as evidence has it and in words."""

import pytest

from fleet_stress.store.exit_words import exit_words, split_exit


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
