"""Aimed signals meet one file after the other, and never wait for long."""

import pytest

from fleet_stress.scenario.write_aim import PATIENCE, Aim


def after(*names):
    return [{"signals": [{"signal": "KILL", "writing": [name]}]} for name in names]


def test_a_file_that_was_never_met_is_taken_at_once():
    assert Aim(after("ledger.tmp"), 3).takes(["status.tmp"], 3)


def test_a_file_that_was_met_waits_for_others():
    aim = Aim(after("ledger.tmp"), 3)
    assert not aim.takes(["ledger.tmp"], 3)
    assert not aim.takes(["ledger.tmp"], 3 + PATIENCE - 1)
    assert aim.takes(["ledger.tmp"], 3 + PATIENCE)


def test_of_those_that_were_met_the_one_met_least_is_taken_first():
    aim = Aim(after("ledger.tmp", "ledger.tmp", "status.tmp"), 1)
    assert not aim.takes(["ledger.tmp"], 1 + PATIENCE)
    assert aim.takes(["status.tmp"], 1 + PATIENCE)
    assert aim.takes(["ledger.tmp"], 1 + 2 * PATIENCE)


@pytest.mark.parametrize("cycles", [0, 100])
def test_a_moment_in_which_nothing_is_written_is_never_taken(cycles):
    assert not Aim([], 0).takes([], cycles)


def test_a_name_with_a_process_id_is_the_same_file():
    assert not Aim(after("ledger.tmp.4711"), 0).takes(["ledger.tmp.4712"], 0)


def test_signals_that_were_not_aimed_met_nothing():
    assert Aim([{"signals": [{"signal": "TERM"}]}], 0).takes(["ledger.tmp"], 0)
