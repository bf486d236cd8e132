"""``no_exhaustion``: what ran out is named by what was said, or by a death that was not our doing."""

import pytest

from fleet_stress.store.verdict import FAILED, NOT_EXERCISED


def test_nothing_ran_out(story):
    story.runs()
    story.starts()
    story.cycle()
    story.says(err="28 trades, handles: 12; locked in profits, memory is fine\n")
    story.sends("KILL")
    story.exits(signal="KILL")

    assert story.told("no_exhaustion") == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("OSError: [Errno 28] No space left on device: 'x'", "disk"),
        ("sqlite3.OperationalError: database is locked", "database"),
        ("sqlite3.OperationalError: database table is locked: trades", "database"),
        ("MemoryError", "memory"),
        ("OSError: [Errno 12] Cannot allocate memory", "memory"),
        ("OSError: [Errno 24] Too many open files: 'y'", "handles"),
    ],
)
@pytest.mark.parametrize("where", ["log", "out", "err"])
def test_what_was_said(story, line, what, where):
    story.starts()
    story.cycle()
    if where == "log":
        story.writes("log/errors.log", f"fine\n2026 ERROR {line}\n")
    else:
        story.says(**{where: f"{line}\n{line}\n"})
    story.exits()

    [finding] = story.findings("no_exhaustion")

    assert (finding.verdict, finding.subject) == (FAILED, what)
    assert line in finding.reason
    assert ("said 2 times" in finding.reason) is (where != "log")


def test_killed_and_not_by_us(story):
    story.runs(signal="KILL")
    [(verdict, reason)] = story.told("no_exhaustion")
    assert (verdict, "not by us" in reason) == (FAILED, True)


def test_killed_by_us(story):
    story.runs(signal="KILL", by="engine")
    assert story.told("no_exhaustion") == []


def test_a_log_too_large_to_keep_and_no_start(story):
    assert [one[0] for one in story.told("no_exhaustion")] == [NOT_EXERCISED]
    story.starts()
    story.writes("log/errors.log", "x", kept=False)
    story.exits()
    [(verdict, reason)] = story.told("no_exhaustion")
    assert (verdict, "not searched" in reason) == (NOT_EXERCISED, True)
