"""``no_traceback``: tracebacks in the output and in text logs, each told once with its place."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_output_without_a_traceback_passes(story):
    story.starts()
    story.says(out="KeyError: 3 was handled\n", err="WARNING Traceback is a word\n")
    story.cycle()
    story.exits(code=1)

    assert story.told("no_traceback") == []


def test_an_unhandled_exception_fails_with_its_place(story, traceback):
    story.runs()
    story.starts()
    story.says(err=f"starting\n{traceback}")
    story.exits(code=1)

    [finding] = story.findings("no_traceback")

    assert finding.key == ("no_traceback", "KeyError: 3 at main.py:7")
    assert finding.verdict == FAILED
    assert finding.reason == ("unhandled exception: KeyError: 3 at main.py:7, 1 times, first in start-02.err")
    assert finding.evidence == ("start-02.err",)


def test_the_same_one_in_output_and_log_is_told_once_and_another_by_itself(story, traceback):
    story.starts()
    story.says(out=traceback + "going on\n" + traceback)
    story.cycle()
    story.writes("log/errors.log", f"ERROR\n{traceback}{traceback.replace('KeyError: 3', 'OSError')}")
    story.exits()

    first, second = story.findings("no_traceback")

    assert first.reason == (
        "traceback in the output or log: KeyError: 3 at main.py:7, 3 times, first in start-01.out"
    )
    assert first.evidence == ("start-01.out", "snapshots/01-after/log/errors.log")
    assert second.subject == "OSError at main.py:7"


def test_the_innermost_frame_is_the_place(story, traceback):
    story.starts()
    deeper = '    go()\n  File "/x/bot/trader/deep.py", line 99, in go\n    raise\n\n'
    story.says(err=traceback.replace("    go()\n", deeper))
    story.exits(code=1)

    assert story.findings("no_traceback")[0].subject == "KeyError: 3 at deep.py:99"


@pytest.mark.parametrize("ending", ["", "\n", ":\\n  File in one line of a log"])
def test_a_traceback_that_was_cut_off_is_one(story, ending):
    story.starts()
    story.says(err="ERROR Traceback (most recent call last)" + ending)
    story.exits(signal="KILL")

    [(verdict, reason)] = story.told("no_traceback")
    assert verdict == FAILED
    assert "exception without a name" in reason


def test_a_printed_traceback_is_not_called_unhandled_because_the_bot_failed_otherwise(story, traceback):
    story.starts()
    story.says(out=traceback, err="no way to go on\n")
    story.exits(code=1)

    [(_, reason)] = story.told("no_traceback")
    assert reason.startswith("traceback in the output or log: ")


def test_a_log_that_was_rotated_away_is_searched(story, traceback):
    story.runs()
    story.starts()
    story.cycle()
    story.writes("log/errors.log.2", traceback)
    story.exits()

    assert [one.evidence for one in story.findings("no_traceback")] == [
        ("snapshots/02-after/log/errors.log.2",)
    ]


def test_a_traceback_in_a_file_that_is_no_text_log_is_not_ours_to_judge(story, traceback):
    story.starts()
    story.cycle()
    story.writes("log/activity.json", [traceback])
    story.writes("state/errors.log", traceback)
    story.exits()

    assert story.told("no_traceback") == []


def test_a_log_that_was_too_large_to_keep_proves_nothing(story):
    story.starts()
    story.cycle()
    story.writes("log/errors.log", "fine\n" * 4, kept=False)
    story.exits()

    assert story.told("no_traceback") == [
        (
            NOT_EXERCISED,
            "log/errors.log was not searched for tracebacks: no copy was kept of its 20 bytes",
        )
    ]


def test_a_bot_that_was_never_started_printed_none(story):
    assert story.told("no_traceback") == []
