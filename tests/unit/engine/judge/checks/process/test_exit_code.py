"""``exit_code``: the bot's own code, and that it ended when and how it was meant to."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_the_code_of_the_class_passes(story):
    story.runs()

    assert story.told("exit_code", **{"is": "finished"}) == []


def test_another_code_fails_with_the_words_of_the_bot_as_evidence(story):
    story.runs(code=1)

    [finding] = story.findings("exit_code", **{"is": "finished"})

    assert finding.key == ("exit_code", "finished")
    assert finding.verdict == FAILED
    assert finding.reason == "start 1 ended with exit code 1, where exit code 0 was expected"
    assert finding.evidence == ("start-01.err",)


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ({"signal": "FPE"}, "ended with death by SIGFPE, where exit code 0 was expected"),
        ({"code": 139}, "ended with exit code 139 (128 + SIGSEGV), where exit code 0 was expected"),
        ({"code": 128}, "ended with exit code 128, where exit code 0 was expected"),
        ({"code": 160}, "ended with exit code 160, where exit code 0 was expected"),
        ({"signal": "KILL", "by": "engine"}, "never ended by itself, where exit code 0 was expected"),
    ],
)
def test_other_ends_are_told_by_their_name(story, ending, told):
    story.runs(**ending)

    assert story.told("exit_code", **{"is": "finished"}) == [(FAILED, f"start 1 {told}")]


def stopped(story, name="TERM", **ending):
    story.starts()
    story.cycle()
    story.sends(name)
    story.exits(**ending)


@pytest.mark.parametrize("code", [0, 143])
def test_each_code_of_a_class_passes_after_a_signal(story, code):
    stopped(story, code=code)

    assert story.told("exit_code", **{"is": "terminated"}) == []


def test_death_by_the_signal_is_no_clean_stop(story):
    stopped(story, signal="TERM")

    assert story.told("exit_code", **{"is": "terminated"}) == [
        (FAILED, "start 1 ended with death by SIGTERM, where exit code 0 or 143 was expected")
    ]


def test_ending_before_the_signal_came_fails_though_the_code_is_right(story):
    story.runs(code=0)

    assert story.told("exit_code", **{"is": "terminated"}) == [
        (FAILED, "start 1 ended by itself with exit code 0 before it was sent a signal")
    ]


def test_which_starts_are_looked_at(story):
    story.runs(code=2)
    stopped(story, code=7)
    story.runs(code=0)

    def starts(**arguments):
        return [one.reason[: len("start 1")] for one in story.findings("exit_code", **arguments)]

    assert starts(**{"is": "finished"}) == []
    assert starts(**{"is": "finished", "start": "all"}) == ["start 1", "start 2"]
    assert starts(**{"is": "finished", "start": 1}) == ["start 1"]
    assert starts(**{"is": "terminated", "start": "signalled"}) == ["start 2"]


@pytest.mark.parametrize("arguments", [{}, {"start": "all"}, {"start": 1}])
def test_what_the_baseline_finds_is_known_whichever_starts_a_row_looks_at(story, arguments):
    story.runs(code=2)
    assert [one.key for one in story.findings("exit_code", **{"is": "finished", **arguments})] == [
        ("exit_code", "finished")
    ]


def test_a_class_that_the_profile_does_not_name_means_zero(story):
    del story.bot["exit_codes"]["finished"]
    story.runs(code=0)
    assert story.told("exit_code", **{"is": "finished"}) == []

    story.runs(code=1)
    assert len(story.told("exit_code", **{"is": "finished"})) == 1


def test_no_start_proves_nothing_and_the_reason_is_true(story):
    assert story.told("exit_code", **{"is": "finished"}) == [(NOT_EXERCISED, "the bot was never started")]

    story.runs()
    assert story.told("exit_code", **{"is": "terminated", "start": "signalled"}) == [
        (NOT_EXERCISED, "there was no such start of the bot: signalled")
    ]
