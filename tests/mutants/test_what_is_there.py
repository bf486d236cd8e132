"""The set of mutants as a whole, and that a mutant's file which says nonsense is refused."""

import re
from collections import Counter

import pytest
from fleet_controller.planning.compile_command import compile_command

from fleet_stress.faults import unsupported
from fleet_stress.faults.site import Where

from .bench import HEALTHY, excused
from .cover import PROFILES, ready
from .mutant import FOLDER, REFERENCE_BOT, Wrong, load, load_all, unknown_scenarios
from .table import lines

MUTANTS = load_all()
READY = ready()
ROWS = [pytest.param(bot, entry, id=f"{entry['row']}-{name}") for name, (bot, entry) in READY.items()]


def test_each_scenario_is_there_with_one_of_the_profiles():
    compiled = [compile_command(profile, "smoke", "all") for profile in PROFILES]
    assert READY.keys() == {scenario["id"] for command in compiled for scenario in command.scenarios}


@pytest.mark.parametrize(("bot", "scenario"), ROWS)
def test_at_least_two_mutants_fail_it(bot, scenario, tmp_path):
    """Whether they really do is the mutants' own tests' business."""
    cannot = unsupported(scenario["steps"], Where(tmp_path, bot, scenario["network"]))
    if cannot:
        pytest.skip(f"this host cannot run it, so no mutant can fail it here: {cannot.reason}")
    failing = [mutant.name for mutant in MUTANTS if mutant.caught_by.get(scenario["id"]) == "failed"]
    assert len(failing) >= 2


def test_there_are_at_least_thirty():
    assert len(MUTANTS) >= 30


def test_no_two_break_the_same():
    assert [
        item for item, times in Counter(str(mutant.edits) for mutant in MUTANTS).items() if times > 1
    ] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda item: item.name)
def test_its_overlay_fits_and_its_bot_compiles(mutant, tmp_path):
    for edit in mutant.edits:
        path = tmp_path / edit["file"]
        path.parent.mkdir(exist_ok=True)
        if (REFERENCE_BOT / edit["file"]).exists():
            path.write_text((REFERENCE_BOT / edit["file"]).read_text())
    mutant.apply(tmp_path)
    for path in tmp_path.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


def write(folder, text):
    path = folder / "one.yml"
    path.write_text(text)
    return path


GOOD = "breaks: it\nedits: [{file: main.py, old: return 2, new: return 3}]\ncaught_by: {sigterm: failed}\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD + "typo: 1\n", "unknown key `typo`"),
        (GOOD.replace("breaks: it\n", ""), "`breaks` is missing"),
        (GOOD.replace("new:", "now:"), "did you mean `new`?"),
        (GOOD.replace("failed", "passed"), "unknown word `passed`"),
    ],
)
def test_a_file_that_says_nonsense_is_refused(text, complaint, tmp_path):
    with pytest.raises(Wrong, match=re.escape(complaint)):
        load(write(tmp_path, text))


@pytest.mark.parametrize("bot", ["", "return 2\nreturn 2\n"])
def test_an_edit_has_to_fit_exactly_once(bot, tmp_path):
    (tmp_path / "main.py").write_text(bot)
    with pytest.raises(Wrong, match=f"{bot.count('return 2')} times, not once"):
        load(write(tmp_path, GOOD)).apply(tmp_path)


@pytest.mark.parametrize(
    ("more", "there", "complaint"),
    [
        ({}, {"sigterm"}, []),
        ({}, set(), ["no scenario `sigterm`"]),
        ({"waits_for": ["sigterm"]}, set(), []),
        ({"waits_for": ["sigterm"]}, {"sigterm"}, ["`sigterm` is there: take it out of waits_for"]),
        ({"may_also": ["sigint"]}, {"sigterm"}, ["no scenario `sigint`"]),
        ({"waits_for": ["sigint"]}, {"sigterm"}, ["waits for `sigint`, and does not name it"]),
    ],
)
def test_scenarios_that_a_mutant_names_are_there_or_waited_for(more, there, complaint):
    mutant = HEALTHY._replace(caught_by={"sigterm": "failed"}, **more)
    assert unknown_scenarios(mutant, there) == complaint


SCENARIO = {
    "id": "rapid_restart",
    "steps": [
        {"verb": "repeat", "args": {"steps": [{"verb": "signal", "args": {"signal": "TERM"}}]}},
        {"verb": "fault", "args": {"fault": "corrupt", "args": {}}},
    ],
    "expect": [{"check": "no_litter", "args": {}}],
}


@pytest.mark.parametrize(
    ("may_also", "may"),
    [
        ([], False),
        (["sigterm", "signal INT", "fault fill", "check exit_code"], False),
        (["all"], True),
        (["rapid_restart"], True),
        (["signal TERM"], True),
        (["fault corrupt"], True),
        (["check no_litter"], True),
    ],
)
def test_what_may_fail_as_well_is_told_by_name_or_by_what_it_does(may_also, may):
    assert HEALTHY._replace(may_also=may_also).may_fail(SCENARIO) is may


@pytest.mark.parametrize(
    ("asked", "verdicts"),
    [
        ("failed", ["failed"]),
        ("not_exercised", ["not_exercised"]),
        ("not_passed", ["failed", "not_exercised"]),
    ],
)
def test_a_mutant_is_caught_by_just_the_verdict_that_it_names(asked, verdicts):
    mutant = HEALTHY._replace(caught_by={"sigterm": asked})
    all_of_them = ["passed", "failed", "not_exercised", "skipped", "error"]
    assert [item for item in all_of_them if mutant.expects("sigterm", item)] == verdicts


@pytest.mark.parametrize(
    ("changed", "is_excused"),
    [
        ({"known_from_baseline": ["it"]}, True),
        ({"evidence": None}, True),
        ({}, False),
        ({"known_from_baseline": ["it"], "findings": ["another"]}, False),
        ({"known_from_baseline": ["it"], "verdict": "failed"}, False),
        ({"evidence": None, "verdict": "error"}, False),
    ],
)
def test_only_what_the_baseline_found_excuses_a_row(changed, is_excused):
    entry = {"verdict": "not_exercised", "evidence": "e", "known_from_baseline": [], "findings": []}
    assert excused({**entry, **changed}) is is_excused


def test_each_mutant_is_named_after_what_it_breaks():
    assert [
        mutant.name for mutant in MUTANTS if not mutant.breaks or not (FOLDER / f"{mutant.name}.yml").exists()
    ] == []


def outcome(**told):
    base = {"mutant": "m", "killed": True, "waits": False, "by": [], "failed": [], "alarms": [], "seconds": 1}
    return {**base, **told}


def test_the_table_counts_survivors_alarms_and_rows():
    told = "\n".join(
        lines(
            [
                outcome(mutant="a", failed=["3.1", "0"]),
                outcome(mutant="b", killed=False, failed=["0"]),
                outcome(mutant="c", waits=True, killed=False),
                outcome(mutant="d", alarms=["sigint"]),
            ]
        )
    )

    assert "SURVIVED b" in told
    assert "killed: 2 of 3 mutants, 1 wait for their scenarios" in told
    assert "false alarms: 1 (d: sigint)" in told
    assert "0 2, 3.1 1" in told


def test_no_table_where_no_mutant_was_run():
    assert list(lines([])) == []
