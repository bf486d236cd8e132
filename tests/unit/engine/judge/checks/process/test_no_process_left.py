"""``no_process_left``: what outlives a start is named by its command line."""

from fleet_stress.store.verdict import FAILED


def test_nothing_left_passes(story):
    story.runs()
    story.runs(signal="KILL")

    assert story.told("no_process_left") == []


def test_processes_left_by_the_first_start_that_left_any_fail(story):
    story.runs()
    story.runs(
        left=[
            {"pid": 7, "name": "sleep", "cmdline": "sleep 600"},
            {"pid": 8, "name": "worker", "cmdline": ""},
        ]
    )
    story.runs(left=[{"pid": 9, "name": "late", "cmdline": "late"}])

    [finding] = story.findings("no_process_left")

    assert finding.key == ("no_process_left", "processes")
    assert finding.verdict == FAILED
    assert finding.reason == "start 2 left 2 processes behind: sleep 600, worker"
