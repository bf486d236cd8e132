"""Restarts: after an end of any kind the next start goes on where the last one was."""

from pathlib import Path

CRASH_POINTS = Path(__file__).with_name("crash_points.py")


def test_it_goes_on_where_it_was(bot, read):
    for _ in range(3):
        bot.run_well(cycles=4)

    assert read(bot.health)["cycles_completed"] == 4, "since this start"
    assert read(bot.status)["cycles_total"] == 12
    assert read(bot.ledger)["orders"] == len(read(bot.ledger)["history"]) == 12


def test_killed_at_any_moment_after_a_corruption_the_backup_stays_good(used_bot, read, tmp_path):
    used_bot.ledger.write_bytes(b'{"balance": ')
    corrupt = tmp_path / "corrupt"
    used_bot.state.rename(corrupt)

    used_bot.run_well(cycles=1, program=(str(CRASH_POINTS), str(tmp_path / "kept"), str(corrupt)))

    kept = sorted((tmp_path / "kept").iterdir())
    backups = [read(folder / used_bot.backup.name)["orders"] for folder in kept]
    still_corrupt = [(folder / used_bot.ledger.name).read_bytes() == b'{"balance": ' for folder in kept]
    assert set(backups) == {3, 4}
    # Corrupt until it is put right, and from then on never again.
    assert True in still_corrupt
    assert still_corrupt == sorted(still_corrupt, reverse=True)
    assert read(kept[-1] / used_bot.ledger.name)["orders"] == 4


def test_the_moments_are_told_apart(used_bot, tmp_path):
    # Guards the test above: a kill that always comes at the same place would prove little.
    used_bot.run_well(cycles=1, program=(str(CRASH_POINTS), str(tmp_path / "kept")))

    left = [frozenset(path.name for path in item.glob("*.tmp")) for item in (tmp_path / "kept").iterdir()]

    assert frozenset() in left
    for path in (used_bot.ledger, used_bot.backup, used_bot.status, used_bot.health):
        assert frozenset({f"{path.name}.tmp"}) in left
