"""The measure that visiting points is held against: row 3.4 with kills at any time."""

import random

import pytest

from tests.mutants.bench import HEALTHY, Bench
from tests.mutants.mutant import FOLDER, load
from tools.random_kills import MUTANTS, ROW, STATE_APART, Told, Wanted, a_try, table, tried

WANTED = Wanted(tries=2, kills=3, pace=0.05, at_once=2, seed=1)


@pytest.fixture
def row(tmp_path):
    plan = Bench(tmp_path)._plan(HEALTHY, [ROW])
    return next(scenario for scenario in plan["scenarios"] if scenario["id"] == ROW)


def made(row, *, seed=1, wanted=WANTED, apart=False):
    return a_try(row, 7, wanted, random.Random(seed), apart=apart)


def test_a_try_is_the_row_but_for_where_it_kills(row):
    one = made(row)

    assert [step["verb"] for step in one["steps"]] == ["start", "wait", "signal"] * 3 + ["start", "wait"]
    kills = [step["args"] for step in one["steps"] if step["verb"] == "signal"]
    assert {(kill["signal"], kill["aim"]) for kill in kills} == {("KILL", None)}
    left = [check for check in row["expect"] if check not in one["expect"]]
    assert [check["check"] for check in left] == ["killed_in_write"]
    assert all(check in row["expect"] for check in one["expect"])


def test_kills_come_at_any_time_of_a_cycle_and_again_from_the_same_seed(row):
    many = WANTED._replace(kills=400)
    moments = [
        step["args"]["then"]
        for step in made(row, wanted=many)["steps"]
        if step["args"].get("until") == "first_cycle"
    ]
    assert 0 <= min(moments) < 0.1 * WANTED.pace
    assert 0.9 * WANTED.pace < max(moments) <= WANTED.pace
    assert made(row) == made(row)
    assert made(row) != made(row, seed=2)


def test_a_move_is_a_copy_where_the_state_lies_on_another_disk(row):
    assert made(row, apart=True)["steps"][0]["args"]["fault"] == "ram_volume"
    assert made(row, apart=True)["steps"][1:] == made(row)["steps"]


def test_the_row_itself_is_left_as_it_is(row):
    before = str(row)
    made(row)
    assert str(row) == before


@pytest.mark.parametrize("name", MUTANTS)
def test_each_mutant_of_the_comparison_is_caught_by_a_row_that_visits_points(name):
    assert {"crash_points", "power_cut"} & set(load(FOLDER / f"{name}.yml").caught_by)


def test_those_whose_state_lies_apart_are_compared():
    assert set(STATE_APART) <= set(MUTANTS)


def test_a_bot_that_survives_every_kill_is_not_caught():
    assert tried(HEALTHY, WANTED) == ([False, False], 6)


def test_a_bot_that_survives_none_is_caught_by_the_first():
    """It does not start again, so there is nothing more to kill."""
    assert tried(load(FOLDER / "stale_lock_after_sigkill.yml"), WANTED) == ([True, True], 2)


def test_the_table():
    told = [
        Told(
            "torn_write",
            [True, False, True],
            600,
            {"crash_points": "failed (3 of 9 points)", "power_cut": "failed"},
        ),
        Told("healthy", [False, False, False], 600, {"crash_points": "passed", "power_cut": "passed"}),
    ]
    assert list(table(told, WANTED)) == [
        "mutant      caught by 3 random kills  kills  crash_points            power_cut",
        "torn_write  2 of 3 tries              600    failed (3 of 9 points)  failed",
        "healthy     0 of 3 tries              600    passed                  passed",
    ]
