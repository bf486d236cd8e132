"""``writes_inside``: what was written elsewhere is named, unless the profile allows it."""

from fleet_stress.store.verdict import FAILED


def wrote(story, *paths, change="new", allowed=False):
    story.evidence["outside"] += [
        {"path": path, "size": 3, "change": change, "allowed": allowed} for path in paths
    ]


def test_nothing_elsewhere_or_only_what_is_allowed_passes(story):
    story.runs()
    assert story.told("writes_inside") == []

    wrote(story, "bot/logs/errors.log", allowed=True)
    assert story.told("writes_inside") == []


def test_what_was_written_elsewhere_fails(story):
    wrote(story, "tmp/x")
    wrote(story, "bot/allowed", allowed=True)
    wrote(story, "bot/main.py", change="changed")

    [finding] = story.findings("writes_inside")

    assert finding.key == ("writes_inside", "outside")
    assert finding.verdict == FAILED
    assert finding.reason == (
        "wrote 2 files outside its state and log folders: tmp/x (new), bot/main.py (changed)"
    )


def test_many_files_are_counted_and_some_named(story):
    wrote(story, *(f"home/{number}" for number in range(10)))
    [(_, reason)] = story.told("writes_inside")
    assert reason.endswith("home/9 (new)")

    wrote(story, "home/10", "home/11")

    [(_, reason)] = story.told("writes_inside")
    assert reason.startswith("wrote 12 files")
    assert reason.endswith("home/9 (new) and 2 more")
