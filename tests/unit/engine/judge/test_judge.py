"""The judge: five verdicts, blame once, and nothing odd takes the other verdicts along."""

import json
from typing import ClassVar

import pytest

from fleet_stress.judge.checks import CHECKS
from fleet_stress.judge.judge import MOST_FINDINGS, judge, rows_are_meaningless
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED, PASSED, SKIPPED, Finding
from tests.unit.engine.conftest import TRACEBACK

FINISHED = {"check": "exit_code", "args": {"is": "finished"}}
STOPPED = {"check": "stopped_within", "args": {}}


def verdict(story, baseline=None, **more):
    entry = judge(story.scenario(**more), story.bot, story.store(), baseline)
    json.dumps(entry)
    return entry


def baseline(*findings, verdict=FAILED, ran=True):
    plain = [{**finding._asdict(), "evidence": []} for finding in findings]
    reasons = [finding.reason for finding in findings] or ["it did not start"]
    return {"verdict": verdict, "findings": plain, "reasons": reasons, "measures": {"ran": ran}}


def cut_short(story, outcome, reason="wait for cycle 3: it did not happen within 60 s"):
    story.evidence["steps"] = [{"path": "1", "outcome": "done"}, {"path": "2.3.1", "outcome": outcome}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": reason}


def test_no_finding_is_passed(story):
    story.expect = [FINISHED]
    story.runs()
    story.evidence["seconds"] = 4.5
    entry = verdict(story)

    assert (entry["verdict"], entry["reasons"], entry["findings"]) == (PASSED, [], [])
    assert (entry["scenario"], entry["row"], entry["title"]) == ("story", "9", "A story")
    assert (entry["evidence"], entry["seconds"]) == ("evidence/story", 4.5)


def test_a_finding_is_failed_and_wins_over_what_proved_nothing(story):
    story.expect = [STOPPED, FINISHED, FINISHED]
    story.runs(code=3)
    entry = verdict(story)

    assert entry["verdict"] == FAILED
    assert entry["reasons"] == ["start 1 ended with exit code 3, where exit code 0 was expected"]
    assert [finding["verdict"] for finding in entry["findings"]] == [NOT_EXERCISED, FAILED, FAILED]
    assert entry["findings"][1]["evidence"] == ["start-01.err"]


def test_proving_nothing_is_not_passed(story):
    story.expect = [FINISHED, STOPPED]
    story.runs()
    entry = verdict(story)

    assert (entry["verdict"], entry["reasons"]) == (NOT_EXERCISED, ["no SIGTERM or SIGINT was sent"])


def test_a_fault_that_did_not_take_effect_proves_nothing(story):
    story.expect = [FINISHED]
    story.runs()
    story.corrupts("ledger", "bad", bit=False)
    story.runs()
    entry = verdict(story)

    assert entry["verdict"] == NOT_EXERCISED
    assert entry["reasons"][0].startswith('the fault corrupt did not take effect: {"role": "ledger"')


def test_a_fault_for_which_the_bot_has_nothing_skips_the_row(story):
    story.runs()
    proof = {"why": "the bot prints nothing", "nothing_to_hit": True}
    story.evidence["faults"].append(
        {"fault": "dead_output", "at": 1.0, "start": 1, "bit": False, "proof": proof}
    )
    entry = verdict(story)
    assert entry["verdict"] == "skipped"
    assert entry["reasons"] == ["the fault dead_output did not take effect: the bot prints nothing"]


def test_what_rests_on_a_fault_that_could_not_hit_the_bot_is_not_asked(story):
    story.expect = [{"check": "write_failure_told", "args": {}}]
    story.runs()
    proof = {"why": "it makes no new file", "nothing_to_hit": True}
    both = {"at": 1.0, "start": 1, "args": {}, "applied": True, "lifted_at": 9.0}
    story.evidence["faults"].append({**both, "fault": "ram_volume", "bit": True, "proof": {}})
    story.evidence["faults"].append({**both, "fault": "fill", "bit": False, "proof": proof})
    assert verdict(story)["verdict"] == "skipped"


@pytest.mark.parametrize(
    ("fault", "profile", "said", "expected"),
    [
        ("dead_proxy", {}, "live", "skipped"),
        ("bad_dns", {}, "live", "skipped"),
        ("dead_proxy", {}, "mock", NOT_EXERCISED),
        ("network_block", {}, "live", NOT_EXERCISED),
        ("dead_proxy", {"data_source": None}, None, "skipped"),  # it finished cycles meanwhile
        ("network_block", {"data_source": None}, None, NOT_EXERCISED),
    ],
)
def test_a_bot_that_has_its_data_on_another_way_skips_the_row(story, fault, profile, said, expected):
    source = {"file": "health", "field": "source", "live": "live", "mock": "mock"}
    story.bot |= {"data_source": source, **profile}
    story.runs()
    look = {"at": 5.0, "wall": 5.0, "mtime": 5.0, "start": 1, "file": "state/health.json", "source": said}
    story.evidence["observations"].append(look)
    proof = {"why": "the bot never used it"}
    story.evidence["faults"].append({"fault": fault, "at": 1.0, "start": 1, "bit": False, "proof": proof})
    story.evidence["faults"][-1] |= {"args": {}, "applied": True, "lifted_at": 9.0}
    assert verdict(story)["verdict"] == expected


def test_a_bot_that_another_fault_of_the_kind_has_hit_does_go_that_way(story):
    story.bot["data_source"] = None
    story.runs()
    asked = {"fault": "bad_dns", "start": 1, "args": {}, "applied": True, "at": 1.0, "lifted_at": 2.0}
    story.evidence["faults"] += [
        {**asked, "bit": True, "proof": {}},
        {**asked, "bit": False, "at": 2.0, "lifted_at": 9.0, "proof": {"why": "the bot asked for none"}},
    ]
    assert verdict(story)["verdict"] == NOT_EXERCISED


def test_what_its_checks_then_miss_does_not_count(story):
    """A feed that is connected already asks no name server."""
    story.runs()
    proof = {"why": "the bot asked for none of its hosts", "nothing_to_hit": True}
    fault = {"fault": "bad_dns", "at": 1.0, "start": 1, "bit": False, "proof": proof, "args": {}}
    story.evidence["faults"].append({**fault, "applied": True, "lifted_at": 9.0})
    expect = [{"check": "fell_back", "args": {}}, {"check": "keeps_cycling", "args": {"cycles": 2}}]
    entry = verdict(story, expect=expect)
    assert entry["verdict"] == "skipped"
    assert entry["reasons"] == ["the fault bad_dns did not take effect: the bot asked for none of its hosts"]


@pytest.mark.parametrize(("nothing", "expected"), [(True, "skipped"), (False, NOT_EXERCISED)])
def test_a_wait_for_what_cannot_hit_the_bot_skips_the_row(story, nothing, expected):
    story.starts()
    story.exits(by="engine")
    proof = {"why": "the bot never used up what it was given", "nothing_to_hit": nothing}
    story.evidence["faults"].append(
        {"fault": "cpu_quota", "at": 1.0, "start": 1, "bit": False, "proof": proof}
    )
    story.evidence["steps"] = [{"path": "5", "outcome": "not_met"}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "wait for the bot to hit the fault 3 times"}
    assert verdict(story)["verdict"] == expected


def test_why_a_fault_cannot_hit_the_bot_is_said_once(story):
    story.starts()
    story.exits(by="engine")
    why = "it used 0.009 of a processor, and is left 0.02"
    proof = {"why": why, "nothing_to_hit": True}
    story.evidence["faults"].append(
        {"fault": "cpu_quota", "at": 1.0, "start": 1, "bit": False, "proof": proof}
    )
    story.evidence["steps"] = [{"path": "5", "outcome": "not_met"}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": f"wait for the bot to hit the fault: {why}"}
    [reason] = verdict(story)["reasons"]
    assert reason.count(why) == 1


@pytest.mark.parametrize(
    ("logged", "proof", "expected"),
    [
        ("", {}, "skipped"),
        ("started\n", {}, NOT_EXERCISED),
        ("started\n", {"tried": {}, "cut_off": []}, "skipped"),
        ("started\n", {"tried": {"log": 2}, "cut_off": []}, NOT_EXERCISED),
        ("started\n", {"tried": {}, "cut_off": ["log/errors.log"]}, NOT_EXERCISED),
    ],
)
def test_a_bot_that_logs_nothing_meanwhile_is_not_met_by_a_full_log_folder(story, logged, proof, expected):
    story.starts()
    story.writes("log/errors.log", logged)
    story.exits(by="engine")
    fault = {
        "fault": "fill",
        "at": 1.0,
        "start": 1,
        "bit": True,
        "proof": proof,
        "lifted_at": None,
        "applied": True,
    }
    story.evidence["faults"].append({**fault, "args": {"folder": "log"}})
    story.evidence["steps"] = [{"path": "5", "outcome": "not_met"}]
    story.evidence["ended"] = {"outcome": "cut_short", "reason": "wait for the bot to hit the fault 3 times"}
    assert verdict(story)["verdict"] == expected


def test_what_this_host_cannot_do_is_skipped_with_what_would_enable_it(story):
    skip = {"reason": "needs root", "enable": "become: true"}
    entry = judge(story.scenario(skip=skip), story.bot, None, baseline())

    assert (entry["verdict"], entry["evidence"]) == (SKIPPED, None)
    assert entry["reasons"] == ["needs root (to enable it: become: true)"]


def test_what_was_not_run_says_because_of_what(story):
    entry = judge(story.scenario(), story.bot, None, baseline(Finding("exit_code", "finished", "it exits 1")))
    assert (entry["verdict"], entry["reasons"]) == (NOT_EXERCISED, ["not run, because baseline: it exits 1"])

    entry = judge(story.scenario(), story.bot, None, None)
    assert entry["reasons"] == ["not run, because baseline: it did not get through"]


def test_what_the_baseline_found_is_blamed_once(story):
    story.expect = [FINISHED]
    story.runs(code=3)
    entry = verdict(story, baseline(Finding("exit_code", "finished", "start 1 ended with exit code 9")))

    reason = "start 1 ended with exit code 3, where exit code 0 was expected"
    assert (entry["verdict"], entry["findings"]) == (NOT_EXERCISED, [])
    assert entry["reasons"] == [f"because baseline: {reason}"]
    assert [finding["reason"] for finding in entry["known_from_baseline"]] == [reason]


@pytest.mark.parametrize(
    "other",
    [
        Finding("exit_code", "start 2", "another subject"),
        Finding("state_valid", "finished", "another check"),
        Finding("exit_code", "finished", "the bot was never started", NOT_EXERCISED),
    ],
)
def test_another_finding_of_the_baseline_or_an_unproven_one_is_no_excuse(story, other):
    story.expect = [FINISHED]
    story.runs(code=3)
    entry = verdict(story, baseline(other))

    assert (entry["verdict"], entry["known_from_baseline"]) == (FAILED, [])


def test_new_findings_fail_beside_known_ones(story):
    story.expect = [FINISHED, {"check": "no_process_left", "args": {}}]
    story.runs(code=3, left=[{"pid": 1, "name": "x", "cmdline": "x"}])
    entry = verdict(story, baseline(Finding("exit_code", "finished", "it exits 3")))

    assert (entry["verdict"], entry["reasons"]) == (FAILED, ["start 1 left 1 processes behind: x"])
    assert len(entry["known_from_baseline"]) == 1


def test_our_own_failure_is_an_error_whatever_the_checks_would_say(story):
    story.expect = [FINISHED]
    story.runs(code=3)
    story.evidence["error"] = "could not be undone: x"
    entry = verdict(story)

    assert (entry["verdict"], entry["reasons"]) == (ERROR, ["could not be undone: x"])


def test_what_comes_of_our_limit_on_processes_is_not_blamed_on_the_bot(story):
    story.expect = [FINISHED]
    story.runs(code=3)
    story.evidence["processes"] = {"limit": 4096, "by": "pids.max", "reached": 0}
    assert verdict(story)["verdict"] == FAILED

    story.evidence["processes"]["reached"] = 2
    entry = verdict(story)

    assert entry["verdict"] == NOT_EXERCISED
    assert entry["reasons"] == [
        "it reached our limit of 4096 processes and threads, so this may come of that:"
        " start 1 ended with exit code 3, where exit code 0 was expected"
    ]


def test_no_evidence_is_an_error_that_names_the_arena(story):
    entry = judge(story.scenario(), story.bot, story.folder, None)

    assert entry["verdict"] == ERROR
    assert entry["reasons"] == [
        "the arena's process died before it stored its evidence; the journal says how far it got"
    ]


@pytest.mark.parametrize("text", ["", "[]", '{"starts": []}', "{"])
def test_odd_evidence_is_an_error(story, text):
    (story.folder / "evidence.json").write_text(text)
    entry = judge(story.scenario(), story.bot, story.folder, None)

    assert entry["verdict"] == ERROR
    assert entry["reasons"][0].startswith("the evidence could not be judged: ")


def test_a_copy_that_is_missing_from_the_evidence_is_an_error_of_its_own(story):
    story.expect = [{"check": "continuity", "args": {}}]
    story.runs()
    story.runs()
    (story.folder / "snapshots/01-after/state/ledger.json").unlink()
    entry = verdict(story)

    assert entry["verdict"] == ERROR
    assert entry["reasons"][0].startswith("the evidence could not be judged: FileNotFoundError")


def test_a_bot_that_ended_too_early_failed_and_its_last_words_are_quoted(story):
    story.expect = [STOPPED]
    story.runs()
    story.starts()
    story.says(err="first\n  KeyError: 3  \n\n")
    story.exits(code=1)
    cut_short(story, "bot_ended", "wait for cycle 3: the bot ended before")
    entry = verdict(story)

    assert entry["verdict"] == FAILED
    assert entry["reasons"] == [
        "step 2.3.1: wait for cycle 3: the bot ended before (exit code 1); its last words: KeyError: 3"
    ]
    assert entry["findings"][0]["evidence"] == ["start-02.err", "start-02.out"]


def test_last_words_may_be_on_standard_output(story):
    story.starts()
    story.says(out="starting\ncannot go on: no price\n")
    story.exits(code=1)
    cut_short(story, "bot_ended", "the bot ended before")

    assert verdict(story)["reasons"] == [
        "step 2.3.1: the bot ended before (exit code 1); its last words: cannot go on: no price"
    ]


def runs_and_is_cut_short(story, asked, cycles, **ending):
    story.starts(max_cycles=asked)
    story.cycles(cycles)
    story.exits(**ending)
    cut_short(story, "bot_ended", "SIGKILL in mid-write: no write was met in 4 cycles, then the bot ended")


def test_a_bot_that_ran_all_cycles_that_we_asked_for_is_not_blamed_for_its_end(story):
    story.starts()
    story.sends("KILL")
    story.exits(signal="KILL")  # a signal hit it before: that alone would make it the bot's fault
    runs_and_is_cut_short(story, 4, 4)
    entry = verdict(story)

    assert entry["verdict"] == NOT_EXERCISED
    assert entry["reasons"] == [
        "step 2.3.1: SIGKILL in mid-write: no write was met in 4 cycles, then the bot ended;"
        " it ran all 4 cycles that the scenario asked for"
    ]


@pytest.mark.parametrize(
    ("asked", "cycles", "ending"),
    [(4, 3, {}), (4, 4, {"code": 1}), (4, 4, {"signal": "SEGV"}), ("", 4, {})],
    ids=["too early", "another code", "a crash", "no limit"],
)
def test_a_bot_that_ended_in_another_way_is_blamed(story, asked, cycles, ending):
    runs_and_is_cut_short(story, asked, cycles, **ending)

    assert verdict(story)["verdict"] == FAILED


def test_a_bot_that_died_by_a_signal_is_reported_so(story):
    story.runs(signal="SEGV")
    cut_short(story, "bot_ended", "the bot ended before")

    assert verdict(story)["reasons"] == ["step 2.3.1: the bot ended before (death by SIGSEGV)"]


@pytest.mark.parametrize(
    ("hit_by", "expected"),
    [("nothing", NOT_EXERCISED), ("no effect", NOT_EXERCISED), ("fault", FAILED), ("signal", FAILED)],
)
def test_what_did_not_happen_in_time_is_the_bots_fault_once_something_hit_it(story, hit_by, expected):
    story.expect = [FINISHED]
    story.runs()
    if hit_by in ("fault", "no effect"):
        story.corrupts("ledger", "bad", bit=hit_by == "fault")
    story.starts()
    if hit_by == "signal":
        story.sends("TERM")
    story.exits(signal="KILL", by="engine")
    cut_short(story, "timeout")
    entry = verdict(story)

    assert entry["verdict"] == expected
    assert entry["reasons"][0].startswith("step 2.3.1: wait for cycle 3: it did not happen within 60 s")
    assert len(entry["findings"]) == (1 if expected == NOT_EXERCISED else 2)


def test_a_fault_that_the_bot_never_came_near_is_not_its_fault(story):
    story.expect = [FINISHED]
    story.runs()
    story.corrupts("ledger", "bad", bit=True)
    story.starts()
    story.exits(signal="KILL", by="engine")
    cut_short(story, "not_met", "wait for the bot to hit the fault 3 times: it did not happen within 60 s")

    assert verdict(story)["verdict"] == NOT_EXERCISED


def test_a_baseline_that_does_not_get_through_is_the_bots_fault(story):
    story.runs(signal="KILL", by="engine")
    cut_short(story, "timeout")

    entry = judge(story.scenario(baseline=True), story.bot, story.store(), None)
    assert entry["verdict"] == FAILED


def test_a_bot_that_missed_what_is_outside_its_arena_is_noted(story):
    story.expect = [FINISHED]
    story.runs()
    story.evidence["network"] = {"kind": "own", "looked_elsewhere": {"IpOutNoRoutes": 2}}
    [note] = verdict(story)["notes"]
    assert "IpOutNoRoutes 2" in note


def test_measures_and_notes_come_along(story):
    story.runs()
    story.starts()
    story.cycle()
    story.sends("TERM")
    story.exits(after=0.75)
    story.evidence["notes"] = ["a sentence"]
    story.evidence["outside"] = [
        {"path": "bot/b", "size": 1, "change": "new", "allowed": True},
        {"path": "bot/a", "size": 1, "change": "new", "allowed": True},
        {"path": "tmp/x", "size": 1, "change": "new", "allowed": False},
    ]
    entry = verdict(story)

    assert entry["measures"] == {"ran": True, "first_cycle_seconds": [1.0, 1.0], "stop_seconds": [0.75]}
    assert entry["notes"] == ["a sentence", "also wrote, as its profile allows: bot/a, bot/b"]


@pytest.mark.parametrize(("count", "ending"), [(10, "bot/9"), (12, "bot/9 and 2 more")])
def test_many_allowed_files_are_counted(story, count, ending):
    names = [f"bot/{number:x}" for number in range(count)]
    story.evidence["outside"] = [
        {"path": name, "size": 1, "change": "new", "allowed": True} for name in names
    ]
    story.runs()

    [note] = verdict(story)["notes"]
    assert note.endswith(ending)


@pytest.mark.parametrize(
    ("entry", "meaningless"),
    [
        (None, False),
        (baseline(verdict=PASSED, ran=False), False),
        (baseline(verdict=FAILED, ran=True), False),
        (baseline(verdict=FAILED, ran=False), True),
        (baseline(verdict=NOT_EXERCISED, ran=False), True),
        (baseline(verdict=ERROR, ran=True), True),
        ({**baseline(verdict=SKIPPED), "measures": {}}, True),
    ],
)
def test_which_baseline_makes_the_other_rows_meaningless(entry, meaningless):
    assert rows_are_meaningless(entry) is meaningless


@pytest.mark.parametrize(
    ("cycles", "ending", "ran"),
    [(1, {"code": 1}, True), (0, {}, False), (3, {"by": "engine"}, False)],
)
def test_a_bot_ran_when_it_had_a_cycle_and_an_end_of_its_own(story, cycles, ending, ran):
    story.runs(cycles, **ending)
    story.runs(0)

    assert verdict(story)["measures"]["ran"] is ran


@pytest.mark.parametrize("check", ["backup_used", "good_state_kept", "little_lost"])
def test_a_number_that_every_restart_loses_is_not_blamed_on_the_fault(check):
    assert CHECKS[check].excused_by == "continuity"


@pytest.mark.parametrize(
    ("subject", "verdicts"), [("state/ledger.json:orders", 1), ("state/other.json:x", 2)]
)
def test_what_another_check_found_in_the_baseline_excuses_the_same_loss(story, subject, verdicts):
    story.expect = [{"check": "little_lost", "args": {}}]
    story.runs(cycles=4)
    story.total = 0
    story.runs()

    entry = verdict(story, baseline(Finding("continuity", subject, "it is lost with every restart")))

    assert len(entry["findings"]) == verdicts
    assert len(entry["known_from_baseline"]) == 2 - verdicts


def test_different_exceptions_without_number_are_told_up_to_a_limit_and_a_limit_of_ours_proves_nothing(story):
    story.expect = [{"check": "no_traceback", "args": {}}]
    first = story.starts()
    story.says(err="".join(TRACEBACK.replace("KeyError: 3", "KeyError: " + "x" * n) for n in range(150)))
    story.cycles(2)
    story.exits()
    assert len(verdict(story)["findings"]) == MOST_FINDINGS

    story.evidence["limited"] = f"{first['stderr']} is too long"
    entry = verdict(story)
    assert (entry["verdict"], entry["reasons"]) == ("not_exercised", [f"{first['stderr']} is too long"])


class TestTheBaselineLearnsWhatACycleIsWorth:
    """And a kill is held against it: progress that was never saved leaves nothing on disk to compare."""

    UNSAVED: ClassVar = {"without": ("state/ledger.json",)}

    def learnt(self, story):
        return judge(story.scenario(baseline=True), story.bot, story.store(), None)["measures"][
            "worth_of_a_cycle"
        ]

    def test_a_number_that_each_cycle_raises_alike(self, story):
        story.runs(cycles=4)
        story.runs(cycles=3)
        assert self.learnt(story) == {"state/bot_state.json:cycles_total": 1, "state/ledger.json:orders": 1}

    def test_also_one_that_is_seen_only_at_first_and_at_the_exit(self, story):
        for cycles in (4, 3):
            story.starts()
            story.cycle()
            story.cycles(cycles - 2, **self.UNSAVED)
            story.cycle()
            story.exits()
        assert self.learnt(story)["state/ledger.json:orders"] == 1

    def test_also_one_that_is_saved_at_the_exit_alone(self, story):
        for cycles in (4, 3):
            story.starts()
            story.cycles(cycles, **self.UNSAVED)
            story.writes("state/ledger.json", {"orders": story.total})
            story.exits()
        assert self.learnt(story)["state/ledger.json:orders"] == 1

    def test_also_one_that_is_saved_in_batches_and_the_rest_at_the_exit(self, story):
        for cycles in (8, 6):
            story.starts()
            story.cycles(4, **self.UNSAVED)
            story.writes("state/ledger.json", {"orders": story.total})
            story.cycles(cycles - 4, **self.UNSAVED)
            story.writes("state/ledger.json", {"orders": story.total})
            story.exits()
        assert self.learnt(story)["state/ledger.json:orders"] == 1

    def test_not_one_that_follows_something_else(self, story):
        story.runs(cycles=4)
        story.starts()
        story.cycle()
        story.cycles(2, **self.UNSAVED)
        story.exits()
        assert self.learnt(story) == {"state/bot_state.json:cycles_total": 1}

    def test_nor_one_that_stands_still(self, story):
        story.counts(by=0)
        story.runs(cycles=4)
        story.runs(cycles=3)
        assert self.learnt(story) == {}

    def test_one_start_alone_shows_nothing(self, story):
        story.runs(cycles=4)
        assert self.learnt(story) == {}

    def test_a_row_is_held_against_it(self, story):
        story.expect = [{"check": "cycles_saved", "args": {}}]
        story.starts()
        story.cycle()
        story.cycles(3, **self.UNSAVED)
        story.sends("KILL")
        story.exits(signal="KILL")
        story.counts(on_from=1)
        story.runs()
        known = {
            **baseline(verdict=PASSED),
            "measures": {"worth_of_a_cycle": {"state/ledger.json:orders": 1}},
        }

        assert verdict(story, known)["verdict"] == FAILED
        assert verdict(story, {**known, "measures": {"ran": True}})["verdict"] == PASSED  # an older run's
        assert verdict(story)["verdict"] == PASSED


class TestTheBaselineLearnsWhichTextIsJsonLines:
    """Where each line is JSON and another file says how many there are; its profile says ``text``."""

    def learnt(self, story, *texts):
        story.bot["state"]["notes"] = {"path": "notes.txt", "format": "text", "rewritten": "cycle"}
        for text in texts:
            story.starts()
            story.cycles(2)
            story.writes("state/notes.txt", text)
            story.exits()
        entry = judge(story.scenario(baseline=True), story.bot, story.store(), None)
        assert any("state/notes.txt: each line is JSON" in note for note in entry["notes"]) == bool(
            entry["measures"]["counted_lines"]
        )
        return entry["measures"]["counted_lines"]

    def test_as_many_lines_as_orders(self, story):
        assert self.learnt(story, "{}\n" * 2, "{}\n" * 4) == {"state/notes.txt": "state/ledger.json:orders"}

    @pytest.mark.parametrize("text", ["{}\n" * 3, "{}\n" * 3 + "{}", "{}\n" * 3 + "started\n", "1\n" * 4, ""])
    def test_not_where_the_number_differs_or_a_line_is_none(self, story, text):
        assert self.learnt(story, "{}\n" * 2, text) == {}

    def test_a_row_is_held_against_it(self, story):
        story.expect = [{"check": "state_valid", "args": {}}]
        story.bot["state"]["notes"] = {"path": "notes.txt", "format": "text", "rewritten": "cycle"}
        story.starts()
        story.cycles(2)
        story.writes("state/notes.txt", '{"a": 1}\n{"a{"a": 1}\n')
        story.exits()
        known = {
            **baseline(verdict=PASSED),
            "measures": {"counted_lines": {"state/notes.txt": "state/ledger.json:orders"}},
        }
        assert verdict(story, known)["verdict"] == FAILED
        assert verdict(story)["verdict"] == PASSED


class TestTheBaselineLearnsWhichFilesAreRecords:
    """Each cycle adds as many, whatever the length of a start."""

    def learnt(self, story, name, *numbers):
        for of_start in numbers:
            story.starts()
            for number in of_start:
                story.cycle()
                if number:
                    story.writes(f"state/{name % number}", "{}")
            story.exits()
        entry = judge(story.scenario(baseline=True), story.bot, story.store(), None)
        assert any("taken for records" in note for note in entry["notes"]) == bool(
            entry["measures"]["filed_records"]
        )
        return entry["measures"]["filed_records"]

    def test_one_a_cycle(self, story):
        assert self.learnt(story, "orders/%04d.json", (1, 2, 3, 4), (5, 6, 7)) == {"state/orders/*.json": 1}

    @pytest.mark.parametrize(
        ("name", "numbers"),
        [
            ("old-%d.json", ((1, 0, 0, 0), (2, 0, 0))),  # one a start
            ("old-%d.json", ((1, 2, 3), (4, 5, 6))),  # or three a start: nobody can tell
            ("state.json.%d.tmp", ((1, 2, 3, 4), (5, 6, 7))),
            (".order-%d", ((1, 2, 3, 4), (5, 6, 7))),
            ("orders/%04d.json", ((1, 2, 3, 4), (5, 6, 0))),
        ],
    )
    def test_others_are_none(self, story, name, numbers):
        assert self.learnt(story, name, *numbers) == {}


NETWORK = [{"check": name, "args": {}} for name in ("fell_back", "no_blind_progress")]


@pytest.mark.parametrize(
    ("expect", "code", "verdict_"),
    [
        ([{"check": "fell_back", "args": {}}], 0, SKIPPED),
        ([{"check": "fell_back", "args": {}}, FINISHED], 3, FAILED),
        (NETWORK, 0, PASSED),
        ([{"check": "no_step_back", "args": {}}], 0, PASSED),
    ],
    ids=["all of its fault", "beside a failure", "a part of its fault", "everyday behaviour"],
)
def test_what_a_profile_leaves_out_is_skipped_or_a_note(story, expect, code, verdict_):
    for role in ("status", "ledger"):
        story.bot["state"][role].pop("never_back")
    story.expect = expect
    story.starts()
    story.cycle()
    fault = {
        "fault": "network_cut",
        "args": {},
        "at": story.now,
        "applied": True,
        "lifted_at": None,
        "bit": True,
    }
    story.evidence["faults"] = [{**fault, "proof": {}}]
    story.cycle()
    story.exits(code)
    entry = verdict(story)

    assert entry["verdict"] == verdict_
    assert entry["notes"][0].startswith("not judged: the bot profile ")
    assert {finding["verdict"] for finding in entry["findings"]} <= {FAILED}
