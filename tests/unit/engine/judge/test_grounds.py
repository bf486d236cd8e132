"""Whatever a scenario expects and a check finds: it is not blamed on a bot where what it rests on does not hold.

The stored evidence is that of all cases of all checks (``checks/*/*.yml``), each made worse in ways that are ours. A
check that always fails stands for those that nobody has written yet.
"""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fleet_stress.judge import grounds, our_doing
from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.checks.protocol import Check
from fleet_stress.judge.judge import judge
from fleet_stress.store.verdict import FAILED, NOT_EXERCISED
from tests.unit.engine.judge.checks.case_story import CaseStory
from tests.unit.engine.judge.checks.test_cases import CASES

STEPS = [{"verb": "start", "args": {}}, {"verb": "wait", "args": {"until": "more_cycles"}}]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class AlwaysFails(Check):
    """Rests on what ``stands_for`` rests on, and is about the last start."""

    title = "nothing is ever well"

    def __init__(self, stands_for):
        self.faults, self.timed, self.counts = stands_for.faults, stands_for.timed, stands_for.counts

    @property
    def name(self):
        return "always_fails"

    def judge(self, case, _arguments):
        faults = [fault for fault in case.evidence["faults"] if fault["fault"] in self.faults]
        for start in case.starts[-1:]:
            at = faults[-1]["at"] if faults else None
            yield self.failed("it", "it did not work", start=start["n"], at=at)


class Stored(list):
    """Hypothesis shows the arguments of an example that fails: not hundreds of stories."""

    def __repr__(self):
        return f"{len(self)} cases"


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """All cases as stored evidence: (check, arguments, story)."""
    told = Stored()
    for number, case in enumerate(CASES):
        check, steps, words, arguments, _ = case.values
        story = CaseStory(tmp_path_factory.mktemp(f"case{number}"))
        story.play(steps, words)
        told.append((check, arguments, story))
    return told


@pytest.fixture
def verdicts(monkeypatch):
    """What the judge says of evidence by a check, and by one that always fails in its place."""

    def of(check, arguments, story, evidence):
        found = []
        for name, args in ((check, arguments), ("always_fails", {})):
            monkeypatch.setitem(CHECKS.loaded, "always_fails", AlwaysFails(CHECKS[check]))
            scenario = story.scenario(expect=[{"check": name, "args": args}], steps=STEPS)
            (story.folder / "evidence.json").write_text(json.dumps(evidence))
            entry = judge(scenario, story.bot, story.folder, None)
            found.append(entry["verdict"])
            assert "could not be judged" not in " ".join(entry["reasons"])
        monkeypatch.delitem(CHECKS.loaded, "always_fails")
        return found

    return of


def no_effect(check, story, evidence):
    """No fault took effect."""
    for fault in evidence["faults"]:
        fault["bit"] = False
    return bool(evidence["faults"])


def not_its_fault(check, story, evidence):
    """A fault took effect, but none that the check speaks of."""
    for fault in evidence["faults"]:
        fault["bit"] = fault["bit"] and fault["fault"] not in CHECKS[check].faults
    return bool(CHECKS[check].faults)


def processes_refused(check, story, evidence):
    """Our limit refused the bot a process."""
    evidence["processes"] = {"limit": 9, "by": "pids.max", "reached": 1}
    return True


def ended_with_the_scenario(check, story, evidence):
    """The scenario was over, and we ended the bot, which nobody had asked to stop."""
    unasked = [start for start in evidence["starts"] if not start["signals"]]
    for start in unasked:
        start["exit"] = {"code": None, "signal": "KILL", "at": 99.0, "by": "engine", "after_signal": None}
    return check in ("exit_code", "state_valid", "no_process_left") and unasked == evidence["starts"]


def slow_host(check, story, evidence):
    """The bot waited for a processor most of the time."""
    for start in evidence["starts"]:
        start["processor"] = {"kept_waiting": 0.9}
    taken = {fault["fault"] for fault in evidence["faults"]} & {"cpu_quota", "throttle"}
    return CHECKS[check].timed and not taken and bool(evidence["starts"])


def output_taken_away(check, story, evidence):
    """Cycles are counted by standard output, and a fault closed it."""
    driven = {name: value for name, value in story.bot["cycle"].items() if name == "driven_by"}
    story.bot["cycle"] = {"file": "stdout", "line": "cycle", **driven}
    evidence["faults"].append(
        {
            "fault": "dead_output",
            "args": {"stdout": "closed"},
            "at": 0.0,
            "start": None,
            "applied": True,
            "lifted_at": None,
            "bit": True,
            "proof": {},
        }
    )
    return CHECKS[check].counts


#: In an order in which none makes another untrue: what adds a fault comes before what takes its effect away.
OURS = (output_taken_away, processes_refused, ended_with_the_scenario, slow_host, not_its_fault, no_effect)


@given(number=st.integers(0, len(CASES) - 1), worse=st.sets(st.sampled_from(OURS), min_size=1))
@QUICK
def test_what_is_ours_never_makes_a_failure_and_takes_back_those_that_rest_on_it(
    stored, verdicts, number, worse
):
    check, arguments, story = stored[number]
    evidence, bot = copy.deepcopy(story.evidence), story.bot
    before, _ = verdicts(check, arguments, story, evidence)
    story.bot = copy.deepcopy(bot)
    try:
        binding = [change(check, story, evidence) for change in OURS if change in worse]
        after, of_any_check = verdicts(check, arguments, story, evidence)
    finally:
        story.bot = bot

    if any(binding):
        assert FAILED not in (after, of_any_check), worse
    elif before != FAILED:
        assert after != FAILED, worse


@given(number=st.integers(0, len(CASES) - 1), ago=st.floats(0.1, 1e6))
@QUICK
def test_a_fault_is_blamed_for_its_time_alone(stored, verdicts, number, ago):
    resting = [item for item in stored if CHECKS[item[0]].faults and item[2].evidence["faults"]]
    check, arguments, story = resting[number % len(resting)]
    evidence = copy.deepcopy(story.evidence)
    for fault in evidence["faults"]:
        fault["lifted_at"] = fault["at"] - ago  # what ``always_fails`` has seen, it saw later
    _, of_any_check = verdicts(check, arguments, story, evidence)

    assert of_any_check != FAILED


def test_without_anything_of_ours_a_failure_stands(stored, verdicts):
    """Else the properties above would hold of a judge that never fails anybody."""
    failing = {"exit_code", "fell_back", "keeps_cycling", "rotated", "never_torn", "stopped_within"}
    seen = {
        check
        for check, arguments, story in stored
        if check in failing and verdicts(check, arguments, story, story.evidence)[0] == FAILED
    }
    assert seen == failing


@pytest.mark.parametrize(("fault", "expected"), [("bad_certificate", NOT_EXERCISED), ("fill", FAILED)])
def test_a_bot_that_ends_before_the_fault_may_not_find_its_exchange_by_https(story, fault, expected):
    story.runs(code=3)
    steps = [{"verb": "start", "args": {}}, {"verb": "fault", "args": {"fault": fault, "args": {}}}]
    story.expect = [{"check": "exit_code", "args": {"is": "terminated"}}]
    found = judge(story.scenario(steps=steps), story.bot, story.store(), None)
    assert found["verdict"] == expected
    assert ("`https`" in found["reasons"][0]) == (expected == NOT_EXERCISED)


@pytest.mark.parametrize("preparing", grounds.PREPARING)
def test_a_fault_that_only_prepares_the_ground_is_not_the_rows_fault(story, preparing):
    story.expect = [{"check": "exit_code", "args": {"is": "finished"}}]
    story.runs(code=3)
    fault = {"args": {}, "at": 0.0, "applied": True, "lifted_at": None, "proof": {}}
    story.evidence["faults"] = [{**fault, "fault": preparing, "bit": True}]
    assert judge(story.scenario(), story.bot, story.store(), None)["verdict"] == FAILED

    story.evidence["faults"].append({**fault, "fault": "fill", "bit": False})
    assert judge(story.scenario(), story.bot, story.store(), None)["verdict"] == NOT_EXERCISED


@pytest.mark.parametrize(
    ("cycles", "code", "expected"), [(5, 0, NOT_EXERCISED), (5, 1, FAILED), (4, 0, FAILED)]
)
def test_a_bot_that_ended_after_the_cycles_that_we_gave_it_did_not_end_by_itself(
    story, cycles, code, expected
):
    story.starts(max_cycles=5)
    story.cycles(cycles)
    story.exits(code)
    story.evidence["steps"] = [{"path": "2", "outcome": "bot_ended"}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "SIGKILL in mid-write: the bot ended before"}
    entry = judge(story.scenario(steps=STEPS), story.bot, story.store(), None)

    assert entry["verdict"] == expected
    assert ("it ran all 5 cycles that the scenario asked for" in entry["reasons"][0]) == (
        expected == NOT_EXERCISED
    )


@pytest.mark.parametrize(("asked", "expected"), [(3, NOT_EXERCISED), (9999, FAILED)])
def test_one_that_was_asked_to_stop_after_its_last_cycle_may_have_been_ending(story, asked, expected):
    """Python has the system's handlers again by then, and dies of the signal."""
    story.starts(max_cycles=asked)
    story.cycles(3)
    sent = {"signal": "TERM", "at": story.now, "after_cycles": 3, "to": "main", "writing": []}
    story.evidence["starts"][0]["signals"].append(sent)
    story.exits(1)
    story.expect = [{"check": "exit_code", "args": {"is": "terminated", "start": "signalled"}}]
    entry = judge(story.scenario(), story.bot, story.store(), None)
    assert entry["verdict"] == expected
    assert ("it had run all 3 cycles" in entry["reasons"][0]) is (expected == NOT_EXERCISED)


@pytest.mark.parametrize(("outcome", "expected"), [("bot_ended", FAILED), ("timeout", NOT_EXERCISED)])
def test_a_slow_host_excuses_who_was_waited_for_and_not_who_ended(story, outcome, expected):
    story.starts()
    story.exits(1)
    story.evidence["starts"][0]["processor"] = {"kept_waiting": 0.9}
    story.evidence["starts"][0]["signals"] = [{"signal": "KILL", "at": 1.0}]
    story.evidence["steps"] = [{"path": "1", "outcome": outcome}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "wait for first cycle"}

    assert judge(story.scenario(steps=STEPS), story.bot, story.store(), None)["verdict"] == expected


@pytest.mark.parametrize(
    ("delayed", "outcome", "expected"),
    [(420.0, "timeout", NOT_EXERCISED), (12.0, "timeout", FAILED), (420.0, "bot_ended", FAILED)],
)
def test_a_bot_that_our_slow_disk_held_up_had_not_our_whole_deadline(story, delayed, outcome, expected):
    story.starts()
    story.exits(1) if outcome == "bot_ended" else story.exits(signal="KILL", by="engine")
    slow = {"fault": "slow_disk", "args": {}, "at": 0.0, "applied": True, "lifted_at": None, "bit": True}
    story.evidence["faults"] = [{**slow, "proof": {"delayed_seconds": delayed}}]
    story.evidence["steps"] = [{"path": "1", "outcome": outcome, "seconds": 450.0}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "wait for the bot to exit"}
    story.expect = [{"check": "exit_code", "args": {"is": "finished"}}]

    assert judge(story.scenario(steps=STEPS), story.bot, story.store(), None)["verdict"] == expected


@pytest.mark.parametrize(
    ("path", "until", "counted"),
    [("1", "exit", False), ("1", "more_cycles", True), ("2.3.1", "cycles", True), ("3.1", "cycles", True)],
)
def test_a_step_is_found_by_its_path(story, path, until, counted):
    wait = {"verb": "wait", "args": {"until": until}}
    inner = {"args": {"times": 3, "steps": [wait]}}
    steps = [wait, {"verb": "repeat", **inner}, {"verb": "under", **inner}]
    story.evidence["steps"] = [{"path": path}]
    case = story.case()
    case.scenario = {"steps": steps}

    assert our_doing.waited_for_cycles(case) is counted


@pytest.mark.parametrize(
    ("fault", "args", "counted", "taken"),
    [
        ("dead_output", {"stdout": "closed"}, "stdout", True),
        ("dead_output", {"stdout": "closed"}, "stderr", False),
        ("fill", {"folder": "log"}, "errors", True),
        ("fill", {"folder": "log"}, "health", False),
        ("read_only", {}, "health", True),
        ("network_cut", {}, "health", False),
    ],
)
def test_what_tells_cycles_may_be_what_the_fault_takes_away(story, fault, args, counted, taken):
    story.bot["cycle"] = {"file": counted, "line": "x"}
    story.evidence["faults"] = [{"fault": fault, "args": args, "at": 0.0, "bit": True, "proof": {}}]

    assert (our_doing.stream_taken_away(story.case()) is not None) is taken


def test_not_where_a_state_file_told_them_meanwhile(story):
    story.runs()
    story.bot["cycle"] = {"file": "stdout", "line": "x"}
    story.evidence["faults"] = [{"fault": "dead_output", "args": {}, "at": 0.0, "bit": True, "proof": {}}]
    assert our_doing.stream_taken_away(story.case())
    story.evidence["starts"][0]["counted_by"] = "state/health.json"
    assert our_doing.stream_taken_away(story.case()) is None


@pytest.mark.parametrize(("to_stop", "expected"), [(0.9, NOT_EXERCISED), (0.2, FAILED), (None, FAILED)])
def test_a_host_that_is_slow_when_a_bot_ends_excuses_the_time_that_it_took(story, to_stop, expected):
    story.starts()
    story.cycles(2)
    story.sends("TERM")
    story.exits(0, after=99.0)
    story.evidence["starts"][0]["processor"] = {"kept_waiting": 0.1, "kept_waiting_to_stop": to_stop}
    story.expect = [{"check": "stopped_within", "args": {}}]

    assert judge(story.scenario(steps=STEPS), story.bot, story.store(), None)["verdict"] == expected


@pytest.mark.parametrize(("fault", "expected"), [("worker_death", NOT_EXERCISED), ("bad_exchange", FAILED)])
@pytest.mark.parametrize("outcome", ["bot_ended", "timeout"])
def test_what_becomes_of_a_bot_whose_worker_we_killed_is_not_judged(story, fault, outcome, expected):
    story.starts()
    story.cycles(3)
    story.exits(1)
    story.evidence["faults"] = [
        {
            "fault": fault,
            "args": {},
            "at": 0.0,
            "start": 1,
            "applied": True,
            "lifted_at": None,
            "bit": True,
            "proof": {},
        }
    ]
    story.evidence["steps"] = [{"path": "1", "outcome": outcome}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "wait for 2 more cycles: it did not happen"}

    assert judge(story.scenario(steps=STEPS), story.bot, story.store(), None)["verdict"] == expected
