"""Records: each line is whole, or the file is damaged; while the bot runs, half a last line is an append."""

import json

import pytest

from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.records import as_json

WHOLE = b'{"id": 1}\n{"id": 2}\n'
TABLE = b"id,price,side\r\n1,100.5,buy\r\n2,99,sell\r\n"


def read(kind, data, at_rest=True):
    text = as_json(kind, data, at_rest=at_rest)
    try:
        return json.loads(text)
    except ValueError:
        return text.decode()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (WHOLE, [{"id": 1}, {"id": 2}]),
        (WHOLE + b"\n \n", [{"id": 1}, {"id": 2}]),
        (WHOLE.rstrip(), [{"id": 1}, {"id": 2}]),
        (b"1\n2\n", [1, 2]),
        (b"", []),
        (WHOLE + b'{"id": 3', "line 3 is not whole: '{\"id\": 3'"),
        (b"1\n2", "line 2 is not whole: '2'"),
        (b'{"id": 1}{"id": 2}\n', 'line 1 is not whole: \'{"id": 1}{"id": 2}\''),
        (b'{"id": {"id": 2}\n' + WHOLE, 'line 1 is not whole: \'{"id": {"id": 2}\''),
        (b"\xff\x1b[31m\n", "line 1 is not whole: '\\ufffd\\x1b[31m'"),
        (b"[" * 100_000 + b"\n", "line 1 is not whole: '" + "[" * 60 + "'"),
    ],
)
def test_json_lines_at_rest(data, found):
    assert read("jsonl", data) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (TABLE, [{"id": 1, "price": 100.5, "side": "buy"}, {"id": 2, "price": 99, "side": "sell"}]),
        (TABLE.rstrip(), [{"id": 1, "price": 100.5, "side": "buy"}, {"id": 2, "price": 99, "side": "sell"}]),
        (b'id,note\n1,"two\nlines"\n', [{"id": 1, "note": "two\nlines"}]),
        (b"id\n", []),
        (b"", []),
        (TABLE + b"3,98", "line 4 has 2 values, not 3: '3,98'"),
        (TABLE + b"3,984,97,buy\n", "line 4 has 4 values, not 3: '3,984,97,buy'"),
        (b'id,note\n1,"half', "line 2: unexpected end of data"),
    ],
)
def test_csv_at_rest(data, found):
    assert read("csv", data) == found


@pytest.mark.parametrize(("kind", "whole"), [("jsonl", WHOLE), ("csv", TABLE)])
@pytest.mark.parametrize("size", range(1, 9))
def test_an_append_that_goes_on_is_no_damage_while_the_bot_runs(kind, whole, size):
    more = (b'{"id": "three"}\n' if kind == "jsonl" else b'3,"9\n8",b\n')[:size]
    assert len(read(kind, whole + more, at_rest=False)) == 2


@pytest.mark.parametrize(("kind", "whole"), [("jsonl", WHOLE), ("csv", TABLE)])
def test_a_line_that_is_glued_to_half_a_one_is_damage_whenever_it_is_seen(kind, whole):
    glued = {"jsonl": b'{"id": {"id": 3}\n', "csv": b"3,94,98,sell\n"}[kind]
    assert "line" in read(kind, whole + glued, at_rest=False)


def test_a_bot_s_file_is_read_as_an_array_and_has_a_length(tmp_path):
    bot = {"state": {"orders": {"path": "orders.jsonl", "format": "jsonl", "never_back": ["len()"]}}}
    [tracked] = bot_files.tracked(bot, {"state_dir": str(tmp_path), "log_dir": str(tmp_path)})
    tracked.path.write_bytes(WHOLE + b'{"id"')

    running, resting = file_content.read(tracked), file_content.read(tracked, at_rest=True)

    assert bot_files.fields(running, tracked.never_back) == {"len()": 2.0}
    assert (bot_files.json_verdict(running), bot_files.json_verdict(resting)) == ("valid", "invalid")
