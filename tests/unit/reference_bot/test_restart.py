"""Restarts: after an end of any kind the next start goes on where the last one was."""

import signal
from pathlib import Path

CRASH_POINTS = Path(__file__).with_name("crash_points.py")


def test_it_goes_on_where_it_was(bot, read):
    for _ in range(3):
        bot.run_well(cycles=4)

    assert read(bot.health)["cycles_completed"] == 4, "since this start"
    assert read(bot.status)["cycles_total"] == 12
    assert read(bot.ledger)["orders"] == len(read(bot.ledger)["history"]) == 12


def test_after_sigkill_it_goes_on_where_it_was(bot, read, finish):
    process = bot.start(interval=0.0)
    bot.wait_for_cycle(5)
    process.send_signal(signal.SIGKILL)
    assert finish(process) == -signal.SIGKILL
    orders, total = read(bot.ledger)["orders"], read(bot.status)["cycles_total"]
    assert min(orders, total) >= 5

    bot.run_well(cycles=2)

    assert read(bot.ledger)["orders"] == orders + 2
    assert read(bot.status)["cycles_total"] == total + 2


def test_killed_before_any_operation_on_its_state_nothing_is_lost(used_bot, read, tmp_path):
    # Each run is also the restart after the kill before.
    used_bot.run_well(cycles=2, program=(str(CRASH_POINTS), str(tmp_path / "kept")))

    kept = sorted((tmp_path / "kept").iterdir())
    assert len(kept) > 60, "two cycles and the end have more operations than that"
    orders, total = 3, 3
    for folder in kept:
        ledger, backup = (
            read(folder / f"paper_engine_state{suffix}.json")["orders"] for suffix in ("", ".backup")
        )
        assert ledger >= orders
        assert ledger - 1 <= backup <= ledger
        orders = ledger
        assert read(folder / "bot_state.json")["cycles_total"] >= total
        total = read(folder / "bot_state.json")["cycles_total"]
        assert len(list(folder.glob("*.tmp"))) <= 1
    assert orders > 50, "the kills came in different cycles"
    assert not list(kept[-1].glob("*.tmp"))


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
    # Guards the two tests above: a kill that always comes at the same place would prove little.
    used_bot.run_well(cycles=1, program=(str(CRASH_POINTS), str(tmp_path / "kept")))

    left = [frozenset(path.name for path in one.glob("*.tmp")) for one in (tmp_path / "kept").iterdir()]

    assert frozenset() in left
    for path in (used_bot.ledger, used_bot.backup, used_bot.status, used_bot.health):
        assert frozenset({f"{path.name}.tmp"}) in left
