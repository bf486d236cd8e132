"""``no_litter``: after a clean end no temporary file is left, and restarts do not pile files up."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_a_clean_end_without_temporary_files_passes(story):
    story.starts()
    story.writes("state/ledger.tmp", "half")
    story.removes("state/ledger.tmp")
    story.cycle()
    story.exits()

    assert story.told("no_litter") == []


def test_temporary_files_after_a_clean_end_fail(story):
    story.starts()
    story.cycle()
    story.writes("state/a.tmp", "half")
    story.writes("log/b.tmp", "half")
    story.exits()

    [finding] = story.findings("no_litter")

    assert finding.key == ("no_litter", "temporary files")
    assert finding.verdict == FAILED
    assert finding.reason == (
        "2 temporary files are left after the clean end of start 1: log/b.tmp, state/a.tmp"
    )


@pytest.mark.parametrize("code", [0, 143])
def test_an_end_that_was_asked_for_is_clean_as_well(story, code):
    story.starts()
    story.cycle()
    story.writes("state/a.tmp", "half")
    story.sends("TERM")
    story.exits(code=code)

    assert [verdict for verdict, _ in story.told("no_litter")] == [FAILED]


def test_what_a_kill_left_has_to_be_put_right_by_the_next_clean_run(story):
    story.starts()
    story.cycle()
    story.writes("state/a.tmp", "half")
    story.sends("KILL")
    story.exits(signal="KILL")
    story.runs()
    assert len(story.told("no_litter")) == 1

    story.starts()
    story.removes("state/a.tmp")
    story.exits()
    assert story.told("no_litter") == []


def restarts(story, count, name):
    for number in range(count):
        story.starts()
        story.cycle()
        story.writes(name.format(number), "more")
        story.exits()


def test_a_new_file_with_each_restart_is_piling_up(story):
    restarts(story, 4, "state/old-{}.json")

    assert story.told("no_litter") == [
        (
            FAILED,
            "files pile up: 3 more after start 4 than after start 1,"
            " such as state/old-1.json, state/old-2.json, state/old-3.json",
        )
    ]


@pytest.mark.parametrize("name", ["log/errors.log.{}", "state/once.json"])
def test_rotated_logs_and_a_file_that_is_there_once_do_not_pile_up(story, name):
    restarts(story, 5, name)

    assert story.told("no_litter") == []


def test_three_restarts_are_too_few_to_tell(story):
    restarts(story, 3, "state/old-{}.json")

    assert story.told("no_litter") == []


@pytest.mark.parametrize("ending", [{"code": 1}, {"signal": "SEGV"}, {"by": "engine"}])
def test_without_a_clean_end_nothing_is_proved(story, ending):
    told = "no clean end after which to look for temporary files, and too few restarts to pile any up"
    assert story.told("no_litter") == [(NOT_EXERCISED, told)]

    for _ in range(3):
        story.runs(**ending)
    assert story.told("no_litter") == [(NOT_EXERCISED, told)]
