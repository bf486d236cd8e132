"""What `make test` runs of the mutants is enough, and it is the same each time."""

from collections import Counter

from .bench import HEALTHY
from .cover import cover, ready
from .mutant import load_all

MUTANTS = load_all()
SECONDS = {name: known.scenario["estimate"] for name, known in ready().items()}


def test_each_mutant_is_run_through_scenarios_that_must_catch_it():
    chosen = cover(MUTANTS, SECONDS)

    assert chosen.keys() == {mutant.name for mutant in MUTANTS}
    for mutant in MUTANTS:
        assert set(chosen[mutant.name]) <= set(mutant.caught_by)
        assert chosen[mutant.name] or set(mutant.caught_by) <= set(mutant.waits_for), mutant.name


def test_each_scenario_fails_on_two_mutants_and_is_run_on_one_of_them():
    chosen = cover(MUTANTS, SECONDS)

    fails = [
        (mutant.name, name)
        for mutant in MUTANTS
        for name in mutant.caught_by
        if mutant.caught_by[name] == "failed"
    ]
    known = Counter(name for _, name in fails)
    run = Counter(name for mutant, name in fails if name in chosen[mutant])
    assert [name for name in SECONDS if known[name] < 2 or not run[name]] == []


def test_it_is_much_less_than_all_pairs_and_does_not_depend_on_their_order():
    chosen = cover(MUTANTS, SECONDS)

    pairs = sum(len(names) for names in chosen.values())
    assert pairs < 0.7 * sum(len(mutant.caught_by) for mutant in MUTANTS)
    assert cover(MUTANTS[::-1], dict(reversed(SECONDS.items()))) == chosen


def test_the_quick_scenario_is_taken_and_the_slow_one_only_where_it_is_needed():
    mutants = [
        HEALTHY._replace(name=name, caught_by=dict.fromkeys(caught_by, "failed"))
        for name, caught_by in [
            ("a", ["quick"]),
            ("b", ["quick", "slow"]),
            ("c", ["quick", "slow"]),
            ("d", ["slow", "quick"]),
        ]
    ]

    assert cover(mutants, {"quick": 1.0, "slow": 50.0}) == {
        "a": ["quick"],
        "b": ["slow"],
        "c": ["quick"],
        "d": ["quick"],
    }
