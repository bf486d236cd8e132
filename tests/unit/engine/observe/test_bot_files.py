"""Roles, keys and numbers of a bot's files; nothing of the bot's user is followed through a link."""

import json
import os
from pathlib import Path

import pytest

from fleet_stress.observe import bot_files


def test_a_profiles_files_get_keys_by_where_they_lie(tmp_path):
    bot = {
        "state": {"ledger": {"path": "l.json", "backup": "l.bak", "never_back": ["orders"]}},
        "logs": {"errors": {"path": "${bot_dir}/logs/errors.log", "format": "text"}},
    }
    places = {"state_dir": "/a/state", "log_dir": "/a/log", "bot_dir": "/a/bot"}

    ledger, errors = bot_files.tracked(bot, places)

    assert (ledger.role, ledger.key, str(ledger.backup)) == ("ledger", "state/l.json", "/a/state/l.bak")
    assert (errors.key, errors.format) == ("bot/logs/errors.log", "text")


def test_a_backup_in_a_folder_of_its_own_has_a_key_of_its_own():
    bot = {"state": {"ledger": {"path": "l.json", "backup": "backups/l.json"}}}
    [ledger] = bot_files.tracked(bot, {"state_dir": "/a/state", "log_dir": "/a/log", "bot_dir": "/a/bot"})

    assert (ledger.key, ledger.backup_key) == ("state/l.json", "state/backups/l.json")


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("orders", 3.0),
        ("deep.count", 7.0),
        ("len(history)", 2.0),
        ("len(deep)", 1.0),
        ("missing", None),
        ("orders.x", None),
        ("text", None),
        ("flag", None),
        ("len(orders)", None),
        ("nan", None),
        ("endless", None),
        ("huge", None),
    ],
)
def test_what_a_never_back_expression_means(expression, number):
    document = {"orders": 3, "deep": {"count": 7}, "history": [1, 2], "text": "3", "flag": True}
    document |= {"nan": float("nan"), "endless": float("-inf"), "huge": 10**400}

    assert bot_files.field(document, expression) == number


def test_fields_of_text_that_is_no_json_are_none():
    assert bot_files.fields(b'{"orders": ', ("orders",)) == {}
    assert bot_files.fields(json.dumps({"orders": 1}).encode(), ("orders", "x")) == {"orders": 1.0}


def test_links_folders_and_giants_are_not_read(tmp_path):
    (tmp_path / "secret").write_text("root's")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "big").write_bytes(b"x" * 11)

    assert bot_files.read_regular(tmp_path / "link") is None
    assert bot_files.read_regular(tmp_path) is None
    assert bot_files.read_regular(tmp_path / "big", limit=10) is None
    assert bot_files.read_regular(tmp_path / "big", limit=11) == b"x" * 11


@pytest.mark.linux
def test_what_fails_while_it_is_read_cannot_be_read():
    memory = Path(f"/proc/{os.getpid()}/mem")  # nothing is mapped at address 0: EIO (proc(5))
    assert bot_files.read_regular(memory) is None
    assert bot_files.read_tail(memory, 10) is None


def test_an_unknown_placeholder_is_an_error():
    assert bot_files.fill("${a.ready}:${b}", {"a.ready": "1", "b": "2"}) == "1:2"
    with pytest.raises(KeyError):
        bot_files.fill("${c}", {})
