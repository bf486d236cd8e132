"""An undisturbed run: it ends with 0, and everything is on disk."""

import json
import re
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[3]


def test_after_so_many_cycles_it_ends_and_everything_is_on_disk(bot, read):
    bot.run_well(cycles=3)

    assert read(bot.health)["cycles_completed"] == 3
    assert read(bot.health)["status"] == "stopped"
    assert read(bot.status)["cycles_total"] == 3
    assert read(bot.ledger)["orders"] == 3
    assert len(read(bot.ledger)["history"]) == 3
    assert read(bot.backup)["orders"] == 3
    assert [problem["what"] for problem in read(bot.activity)] == [
        "started",
        "cycle",
        "cycle",
        "cycle",
        "stopped",
    ]
    names = {path.name for folder in (bot.state, bot.log) for path in folder.iterdir()}
    expected = (bot.health, bot.status, bot.ledger, bot.backup, bot.activity, bot.errors)
    expected_names = {path.name for path in expected} | {"bot.lock"}
    assert names == expected_names, "nothing else, no temporary file"


def test_when_health_counts_a_cycle_the_rest_of_it_is_on_disk(bot, read):
    bot.start(interval=0.0)
    bot.wait_for_cycle(1)

    looks = 0
    while looks < 200 or bot.cycles() < 20:
        looks, finished = looks + 1, bot.cycles()
        assert read(bot.ledger)["orders"] >= finished
        assert read(bot.status)["cycles_total"] >= finished
        assert sum(problem["what"] == "cycle" for problem in read(bot.activity)) >= min(finished, 199)


def test_the_balance_is_what_the_orders_made_of_it(bot, read):
    bot.run_well(cycles=20)

    ledger = read(bot.ledger)
    spent = sum(order["price"] * order["shares"] for order in ledger["history"])
    assert ledger["balance"] == pytest.approx(10_000 - spent)
    assert sum(ledger["positions"].values()) == 20


def test_when_money_runs_out_it_sells_and_goes_on(used_bot, read):
    bot = used_bot
    bot.ledger.write_text(json.dumps({**read(bot.ledger), "balance": 1.0}))

    bot.run_well(cycles=2)

    assert [order["side"] for order in read(bot.ledger)["history"]] == ["buy", "buy", "buy", "sell", "buy"]


def test_its_lists_are_bounded_and_its_counts_are_not(used_bot, read):
    bot = used_bot
    ledger = read(bot.ledger)
    bot.ledger.write_text(json.dumps({**ledger, "orders": 700, "history": ledger["history"] * 500}))
    bot.activity.write_text(json.dumps(read(bot.activity) * 100))

    bot.run_well(cycles=3)

    assert (read(bot.ledger)["orders"], len(read(bot.ledger)["history"])) == (703, 500)
    assert len(read(bot.activity)) == 200


@pytest.mark.parametrize("limit", ["", "0"])
def test_without_a_limit_it_goes_on(bot, limit):
    process = bot.start(MAX_CYCLES=limit)

    bot.wait_for_cycle(12)

    assert process.poll() is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MAX_CYCLES", "many"),
        ("MAX_CYCLES", "-1"),
        ("MAX_CYCLES", "2.5"),
        ("SCAN_INTERVAL_SECONDS", "-1"),
        ("SCAN_INTERVAL_SECONDS", "nan"),
        ("SCAN_INTERVAL_SECONDS", "1e99"),
        ("CYCLE_TIMEOUT_SECONDS", "0"),
        ("ALLOW_SECOND_INSTANCE", "yes"),
    ],
)
def test_a_bad_setting_is_named_and_nothing_is_begun(bot, variable, value):
    assert bot.run(**{variable: value}) == 2

    assert re.fullmatch(rf"main\.py: {variable} is '{re.escape(value)}': give .+\n", bot.stderr())
    assert not bot.state.exists()


def test_its_profile_speaks_the_truth(bot, read):
    profile = yaml.safe_load((PROJECT / "bots/reference.yml").read_text())
    bot.run_well(cycles=2)

    folders = {"state": bot.state, "logs": bot.log}
    for section, folder in folders.items():
        for role in profile[section].values():
            assert (folder / role["path"]).is_file()
            assert "backup" not in role or (folder / role["backup"]).is_file()
            for field in role.get("never_back", ()):
                assert field.removeprefix("len(").removesuffix(")") in read(folder / role["path"])
    cycle = profile["cycle"]
    assert read(bot.state / profile["state"][cycle["file"]]["path"])[cycle["field"]] == 2
    assert {setting["variable"] for setting in profile["settings"].values()} == {
        "SCAN_INTERVAL_SECONDS",
        "MAX_CYCLES",
        "CYCLE_TIMEOUT_SECONDS",
    }
