"""What the bot's folders held in the baseline, at most."""

import json

from fleet_stress.observe import baseline_room


def test_the_most_after_a_start_in_the_folders_that_are_asked_for(tmp_path):
    files = {"state/a.json": {"size": 3_000_000}, "state/b.json": {"size": 5}, "log/bot.log": {"size": 7}}
    snapshots = {"snapshots/01-before": {"files": {}}, "snapshots/01-after": {"files": files}}
    (tmp_path / "baseline").mkdir()
    (tmp_path / "baseline/evidence.json").write_text(json.dumps({"snapshots": snapshots}))

    evidence = tmp_path / "disk_full_from_empty"
    assert baseline_room.of(evidence, ["state"]) == (3_000_005, 2)
    assert baseline_room.of(evidence, ["state", "log"]) == (3_000_012, 3)


def test_none_without_a_baseline(tmp_path):
    assert baseline_room.of(tmp_path / "sigterm", ["state"]) == (0, 0)
