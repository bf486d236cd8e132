"""Conditions over a bot's files: what can be said, when one holds, and what it costs at most."""

import json
import math
import re
import time

import pytest

from fleet_stress.store.conditions import Condition, of_profile

LEDGER = {
    "balance": -3,
    "orders": 2,
    "mode": "paper",
    "halted": False,
    "last_price": None,
    "history": [{"price": 0, "shares": 1}, {"price": 4.5, "shares": 2}],
}
FILES = {"ledger": LEDGER, "exchange": {"accepted": 3}, "lines": [{"id": 1}, {"id": 2}]}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ledger.orders >= 0", True),
        ("ledger.balance >= 0", False),
        ("ledger.balance >= -3.5", True),
        ("0 <= ledger.balance", False),
        ("ledger.orders == len(ledger.history)", True),
        ("ledger.orders == exchange.accepted", False),
        ("ledger.orders == length(lines) && lines[-1].id == ledger.orders", True),
        ("len(ledger.history[?price <= 0]) == 0", False),
        ("sum(ledger.history[].shares) == sum([ledger.orders, 1])", True),
        ("ledger.halted == false || ledger.mode == 'paper >= 5'", True),
        ("ledger.balance >= `0`", False),
        ("ledger.last_price > 0", False),
        ("ledger.last_price == null || ledger.last_price > 0", True),
        ("ledger.orders", False),
        ("ledger.price > 0", None),
        ("ledger.orders == ledger.accepted", None),
        ("ledger.price > 0 || ledger.mode == 'paper'", True),
        ("len(ledger.orders) == 2", False),
    ],
)
def test_when_a_condition_holds(text, holds):
    """Not what is false of a value that is missing: that cannot be told."""
    assert Condition(text).look(FILES).holds is holds


def test_no_number_is_no_amount():
    for value in (math.nan, "12", None, []):
        assert Condition("ledger.balance >= 0").look({"ledger": {"balance": value}}).holds is False


def test_what_it_compares_is_shown():
    look = Condition("ledger.orders == len(ledger.history) && ledger.history[0].price > 0").look(FILES)
    assert look.values == {
        "ledger.orders": "2",
        "len(ledger.history)": "2",
        "ledger.history[0].price": "0",
    }
    assert Condition("ledger.price > 0").look(FILES).why == "there is no `price`"


def test_a_value_is_shown_within_a_line_whatever_it_is():
    text = "\x1b[31m" * 1000
    [shown] = Condition("ledger.mode == 'paper'").look({"ledger": {"mode": text}}).values.values()
    assert len(shown) <= 80
    assert shown.isprintable()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ledger.balance >=", "Incomplete expression"),
        ("ledger.balance => 0", "Unknown token '='"),
        ("ledger.orders + 1 > 0", "Unknown token +"),
        ("size(ledger) > 0", "there is no function size()"),
        ("len(@) == 0", "`@` at its beginning"),
        ("1 == 1", "it names no file"),
        ("(" * 2000 + "a" + ")" * 2000, "it is nested too deeply"),
    ],
)
def test_what_is_no_condition(text, why):
    with pytest.raises(ValueError, match=f"^{re.escape(why)}"):
        Condition(text)


@pytest.mark.parametrize(
    ("text", "roots"),
    [
        ("ledger.orders == exchange.accepted", {"ledger", "exchange"}),
        ("len(ledger.history[?price > 0 && shares > 0]) > 0", {"ledger"}),
        ("sort_by(ledger.history, &price)[0].price > 0", {"ledger"}),
        ("ledger | balance >= 0", {"ledger"}),
        ("[ledger.a, status.b] == [1, 2]", {"ledger", "status"}),
    ],
)
def test_which_files_it_is_about(text, roots):
    assert Condition(text).roots == roots


@pytest.mark.parametrize(
    "text",
    [
        "ledger.a" + "[].[@, @][]" * 40 + " == 0",  # doubles with every step
        "len(ledger.many[?len(@) == 0]) == len(ledger.many[?len(@) == 1])",
    ],
)
def test_no_file_of_a_stranger_keeps_us(text):
    began = time.monotonic()
    look = Condition(text).look({"ledger": {"a": [1], "many": [[]] * 400_000}})
    assert (look.holds, look.why) == (None, "it would take too long")
    assert time.monotonic() - began < 30


def test_deep_data_keep_nobody_either():
    deep = json.loads("[" * 400 + "]" * 400)
    assert Condition("ledger.a == ledger.b").look({"ledger": {"a": deep, "b": deep}}).holds is True


def test_those_of_a_profile():
    found = of_profile({"invariants": {"never_in_debt": "ledger.balance >= 0"}})
    assert [(name, condition.text) for name, condition in found.items()] == [
        ("never_in_debt", "ledger.balance >= 0")
    ]
    assert of_profile({}) == {}
