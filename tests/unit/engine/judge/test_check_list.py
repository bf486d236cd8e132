"""The list of a row's checks: what held is told, beside what failed, was masked or proved nothing."""

import pytest

from fleet_stress.judge.check_list import title
from fleet_stress.judge.judge import judge
from fleet_stress.store.verdict import Finding
from tests.unit.engine.judge.test_judge import FINISHED, STOPPED, baseline, cut_short

VALID = {"check": "state_valid", "args": {}}
TOLD = {"check": "write_failure_told", "args": {}}


def checks(story, known=None, **more):
    """Name and state of each check, in order, without those that every row has."""
    entry = judge(story.scenario(**more), story.bot, story.store(), known)
    return {item["check"]: item for item in entry["checks"] if item["check"] != "invariants"}


def states(story, known=None, **more):
    return {name: item["state"] for name, item in checks(story, known, **more).items()}


def test_what_held_is_seen_beside_what_failed(story):
    story.expect = [FINISHED, {"check": "no_process_left", "args": {}}]
    story.runs(left=[{"pid": 1, "name": "x", "cmdline": "x"}])
    found = checks(story)
    assert found["exit_code"] == {
        **{"check": "exit_code", "arguments": {"is": "finished"}, "state": "held", "seen": "exit code 0"}
    }
    assert found["no_process_left"]["state"] == "failed"
    assert found["no_process_left"]["reason"] == "start 1 left 1 processes behind: x"
    assert list(found) == ["steps", "exit_code", "no_process_left"]


def test_an_exit_that_held_says_how_soon_after_the_signal(story):
    story.expect = [{"check": "exit_code", "args": {"is": "terminated"}}, STOPPED]
    story.bot["exit_codes"] = {"terminated": [0]}
    story.starts()
    story.cycles(2)
    story.sends("TERM")
    story.exits(after=0.8)
    found = checks(story)
    assert found["exit_code"]["seen"] == "exit code 0, 0.8 s after SIGTERM"
    assert found["stopped_within"]["seen"].startswith("0.8 s; the limit is ")


def test_what_the_baseline_masks_hides_no_other_check(story):
    story.expect = [FINISHED, VALID]
    story.runs(code=3)
    found = states(story, baseline(Finding("exit_code", "finished", "it exits 3")))
    assert found == {"steps": "held", "exit_code": "masked", "state_valid": found["state_valid"]}
    assert found["state_valid"] != "masked"


def test_a_check_that_proved_nothing_says_so(story):
    story.expect = [STOPPED]
    story.runs()
    assert checks(story)["stopped_within"]["state"] == "not_proved"


def test_each_kind_of_fault_is_one_line_and_says_whether_it_took_effect_every_time(story):
    story.runs()
    both = {"at": 1.0, "start": 1, "args": {}, "applied": True, "lifted_at": 9.0}
    story.evidence["faults"] = [
        {**both, "fault": "fill", "bit": True, "proof": {}},
        {**both, "fault": "corrupt", "bit": True, "proof": {}},
        {**both, "fault": "corrupt", "bit": False, "proof": {"why": "the file was not there"}},
    ]
    entry = judge(story.scenario(), story.bot, story.store(), None)
    faults = [item for item in entry["checks"] if item["check"] == "fault"]
    assert [(item["arguments"]["fault"], item["state"]) for item in faults] == [
        ("fill", "held"),
        ("corrupt", "not_proved"),
    ]


def test_a_check_that_rests_on_a_fault_has_not_held_where_none_took_effect(story):
    """It finds nothing, and that is no merit of the bot."""
    story.expect = [{"check": "good_state_kept", "args": {}}, FINISHED]
    story.runs()
    both = {"at": 1.0, "start": 1, "args": {}, "applied": True, "lifted_at": 9.0}
    story.evidence["faults"] = [{**both, "fault": "fill", "bit": False, "proof": {"why": "it wrote nothing"}}]
    found = states(story)
    assert (found["fault"], found["good_state_kept"], found["exit_code"]) == (
        "not_proved",
        "not_proved",
        "held",
    )


@pytest.mark.parametrize(
    ("check", "profile", "said"),
    [
        ("invariants", {}, "the bot profile names no invariants"),
        ("state_valid", {"state": {}}, "the bot profile names no state file"),
        ("logs_present", {"logs": {}}, "the bot profile requires no log"),
        ("continuity", {"state": {}}, "the bot profile names no number that may never go back"),
        ("memory_bounded", {}, "the bot profile names no limit (exchange.answer_memory)"),
        ("cycles_saved", {}, "no number in a file follows the bot's cycles"),
    ],
)
def test_a_check_that_has_nothing_to_look_at_has_not_held(story, check, profile, said):
    """It is no reason to skip the row, and no merit of the bot."""
    story.runs()
    story.bot |= profile
    story.expect = [{"check": check, "args": {}}]
    entry = judge(story.scenario(), story.bot, story.store(), None)
    (line,) = [item for item in entry["checks"][:2] if item["check"] == check] or entry["checks"][-1:]
    assert (line["check"], line["state"]) == (check, "left_out")
    assert said in line["reason"]
    assert entry["verdict"] == "passed"


def test_numbers_that_held_are_told(story):
    story.expect = [{"check": "continuity", "args": {}}]
    story.runs(cycles=2)
    story.runs(cycles=3)
    assert checks(story)["continuity"]["seen"] == "cycles_total 2 → 5, orders 2 → 5"


def test_checks_that_were_not_asked_are_listed_with_the_reason(story):
    story.expect = [FINISHED, VALID]
    skip = {"reason": "needs root", "enable": "become: true"}
    skipped = judge(story.scenario(skip=skip), story.bot, None, None)
    assert {item["state"] for item in skipped["checks"]} == {"left_out"}
    assert {item["reason"] for item in skipped["checks"]} == {"needs root (to enable it: become: true)"}

    unrun = judge(story.scenario(), story.bot, None, None)
    assert {item["state"] for item in unrun["checks"]} == {"not_proved"}
    assert [item["check"] for item in unrun["checks"]] == ["exit_code", "state_valid", "invariants"]

    story.starts()
    story.exits(by="engine")
    cut_short(story, "not_met")
    assert states(story) == {"steps": "not_proved", "exit_code": "not_proved", "state_valid": "not_proved"}


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("exit_code", "the exit code is of the expected class"),
        ("steps", "the scenario runs to its end"),
        ("x", "x"),
    ],
)
def test_every_check_has_a_title(check, told):
    assert title(check) == told
