"""Each mutant is caught by the scenarios that it names, with the verdict that it names, and by no others.

`make test` runs a cover of them (cover.py), and `make test-long` all.
"""

import pytest
from fleet_controller.catalogue.project import Project

from .bench import excused, told
from .cover import cover, ready
from .mutant import load_all, unknown_scenarios

pytestmark = pytest.mark.slow

MUTANTS = load_all()
CATALOGUE = set(Project().files("scenarios"))
READY = ready()
COVER = cover(MUTANTS, {name: known.scenario["estimate"] for name, known in READY.items()})
#: A bot that does nothing: the one that lives is asked each time, for it gives a row the most to be wrong about.
NULL = [
    pytest.param(mutant, id=mutant.name, marks=[] if mutant.name == "null_sleeps" else pytest.mark.long)
    for mutant in MUTANTS
    if mutant.alone
]

each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])


def judged(mutant, bench, tell, scenarios, **how):
    """Run it, and hold the verdicts against what the mutant's file says; also tells the table."""
    entries = bench.run(mutant, scenarios, **how)
    expected = {name: verdict for name, verdict in mutant.caught_by.items() if name in entries}
    skipped = [name for name in expected if entries[name]["verdict"] == "skipped"]
    if skipped:
        pytest.skip(f"this host cannot run {', '.join(skipped)}: {entries[skipped[0]]['reasons']}")
    survived = [name for name in expected if not mutant.expects(name, entries[name]["verdict"])]
    alarms = [
        name
        for name, entry in entries.items()
        if entry["verdict"] not in ("passed", "skipped")
        and name not in expected
        and not mutant.may_fail(bench.scenarios[name])
        and not excused(entry)
    ]
    failed = sorted({entry["row"] for entry in entries.values() if entry["verdict"] == "failed"})
    tell(
        mutant=mutant.name,
        killed=not survived,
        waits=False,
        by=[f"{entries[name]['row']} {name}" for name in expected],
        failed=failed,
        alarms=alarms,
    )
    assert not survived, f"{mutant.name} survived {survived} ({mutant.breaks}){told(entries)}"
    assert not alarms, f"false alarms on {mutant.name}: {alarms} ({mutant.breaks}){told(entries)}"


@each_mutant
def test_it_is_caught_by_its_scenarios(mutant, bench, tell):
    assert unknown_scenarios(mutant, CATALOGUE) == []
    if not COVER[mutant.name]:
        tell(mutant=mutant.name, killed=False, waits=True, by=mutant.waits_for, failed=[], alarms=[])
        pytest.skip(f"waits for {', '.join(mutant.waits_for)}")

    baseline = mutant.may_fail_baseline(READY["baseline"].scenario)
    judged(mutant, bench, tell, COVER[mutant.name], baseline=baseline, point=mutant.point)


@pytest.mark.long
@pytest.mark.timeout(1200)
@each_mutant
def test_all_its_scenarios_catch_it_and_no_other_fails_on_it(mutant, bench, tell):
    """With the baseline: one that does not pass, and is not said to fail, is a false alarm too."""
    judged(mutant, bench, tell, "all")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutant", NULL)
def test_no_row_passes_on_a_bot_that_does_nothing(mutant, bench):
    """Each row by itself: without a baseline that would have stopped the run at once."""
    entries = bench.run(mutant, "all", baseline=False)

    green = [
        name
        for name, entry in entries.items()
        if entry["verdict"] not in ("failed", "not_exercised", "skipped")
    ]
    assert green == [], told(entries)
