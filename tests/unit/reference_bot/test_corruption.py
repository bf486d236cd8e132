"""Whatever is in the place of a file of its own, the bot says so, goes on, and puts it right.

Files that are empty, cut off or no text are rows 1.3 A to E, which it passes.
"""

import json
import os
import shutil

import pytest


def hold(content):
    return lambda path: path.write_bytes(content)


def link_to(target):
    def corrupt(path):
        path.unlink()
        path.symlink_to(target)

    return corrupt


def folder(path):
    path.unlink()
    path.mkdir()
    (path / "something").write_text("of somebody's")


def pipe(path):
    path.unlink()
    os.mkfifo(path)


#: What stands there, and what errors.log says of it.
KINDS = {
    "missing": (lambda path: path.unlink(), "it is not there"),
    "wrong_shape": (hold(b'"not what belongs here"'), "not what belongs there"),
    "null": (hold(b"null"), "not what belongs there"),
    "deep": (hold(b"[" * 200_000), "nested too deeply"),
    "folder": (folder, "not a file"),
    "dangling_link": (link_to("nowhere"), "a link to nowhere"),
    "link_to_folder": (link_to("."), "not a file"),
    "link_to_itself": (lambda path: link_to(path.name)(path), "a link to nowhere"),
    "pipe": (pipe, "not a file"),
    "huge": (lambda path: os.truncate(path, 10**11), "larger than"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_with_nothing_good_left_it_says_so_and_begins_anew(used_bot, read, kind):
    corrupt, reason = KINDS[kind]
    read_at_the_start = (used_bot.ledger, used_bot.backup, used_bot.status, used_bot.activity)
    for path in (*read_at_the_start, used_bot.health):
        corrupt(path)
    told = len(used_bot.complaints())

    used_bot.run_well(cycles=2)

    for path in read_at_the_start:
        [line] = [
            item
            for item in used_bot.complaints()[told:].splitlines()
            if f"{path.name} cannot be used" in item
        ]
        assert reason in line
    for path in (*read_at_the_start, used_bot.health):
        assert path.is_file()
        assert not path.is_symlink()
        assert read(path)
    assert (read(used_bot.ledger)["orders"], read(used_bot.status)["cycles_total"]) == (2, 2)
    assert read(used_bot.health)["write_error_count"] == 0


@pytest.mark.parametrize("kind", ["missing", "wrong_shape", "folder", "dangling_link"])
def test_a_corrupt_backup_is_put_right_and_costs_nothing(used_bot, read, kind):
    KINDS[kind][0](used_bot.backup)

    used_bot.run_well(cycles=2)

    assert read(used_bot.ledger)["orders"] == read(used_bot.backup)["orders"] == 5


def test_a_folder_in_the_way_is_moved_aside_not_deleted(used_bot):
    for path in (used_bot.ledger, used_bot.activity):
        folder(path)

    used_bot.run_well(cycles=1)

    for path in (used_bot.ledger, used_bot.activity):
        [aside] = path.parent.glob(f"{path.name}.folder-*")
        assert (aside / "something").read_text() == "of somebody's"
        assert f"it is now {aside.name}" in used_bot.complaints()


@pytest.mark.parametrize(
    "change",
    [
        {"orders": -1},
        {"orders": True},
        {"orders": 2.0},
        {"orders": None},
        {"orders": 10**400},
        {"balance": float("nan")},
        {"balance": float("inf")},
        {"balance": -1},
        {"positions": []},
        {"positions": {"ALPHA": None}},
        {"history": {}},
        {"history": [{"price": None}]},
    ],
    ids=lambda change: str(change)[:30],
)
def test_a_ledger_with_one_impossible_value_is_not_believed(used_bot, read, change):
    used_bot.ledger.write_text(json.dumps({**read(used_bot.ledger), "orders": 100, **change}))

    used_bot.run_well(cycles=1)

    assert "paper_engine_state.json cannot be used: holds JSON, but not what" in used_bot.complaints()
    assert read(used_bot.ledger)["orders"] == 4, "from the backup"


def test_files_that_may_not_be_read(used_bot, read):
    wrap = ()
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may read everything, and there is no setpriv (util-linux) to do without that")
        wrap = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    for path in (used_bot.ledger, used_bot.backup, used_bot.status, used_bot.activity, used_bot.health):
        path.chmod(0)

    used_bot.run_well(cycles=2, wrap=wrap)

    assert used_bot.complaints().count("Permission denied") == 4
    assert (read(used_bot.ledger)["orders"], read(used_bot.status)["cycles_total"]) == (2, 2)
