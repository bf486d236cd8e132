"""What a file is, by its content."""

import sqlite3

import pytest
from fleet_controller.drafting.file_kinds import format_of, tables, values


@pytest.mark.parametrize(
    ("name", "data", "format_"),
    [
        ("state.json", b'{"a": 1}', "json"),
        ("orders", b'{"a": 1}\n{"a": 2}\n', "jsonl"),
        ("orders.jsonl", b'{"a": 1}\n', "jsonl"),
        ("trades", b"time,price\n1,2\n3,4\n", "csv"),
        ("bot.log", b"a, b\nc, d\n", "text"),
        ("notes", b"at 3, one\nat 4, two\n", "text"),
        ("account.pickle", b"\x80\x04\x95", "bytes"),
    ],
)
def test_a_format_is_told_by_content(name, data, format_):
    assert format_of(name, data) == format_


def test_the_tables_of_a_database_are_read_without_opening_it(tmp_path):
    with sqlite3.connect(tmp_path / "db") as db:
        db.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        db.execute('CREATE TABLE "runs" (n INTEGER)')
    data = (tmp_path / "db").read_bytes()
    assert format_of("db", data) == "sqlite" and sorted(tables(data)) == ["orders", "runs"]


def test_numbers_have_the_names_that_a_profile_gives_them():
    data = b'{"n": 1, "totals": {"orders": 2}, "history": [1, 2, 3], "who": "x", "{{ bad }}": 5}'
    assert values("json", data) == {
        "n": 1,
        "len(totals)": 1,
        "totals.orders": 2,
        "len(history)": 3,
        "who": "x",
    }
    assert values("jsonl", b"{}\n{}\n") == {"len()": 2}
    assert values("csv", b"a,b\n1,2\n") == {"len()": 1}
    assert values("json", b"[" * 100_000) == {}
