"""An arena's folders: a copy of the bot, and what an earlier arena left."""

import os
import stat
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.scenario import folders
from fleet_stress.scenario.early_end import ArenaFailed
from fleet_stress.store import tree_copy
from tests.unit.engine.adversary import acting


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/main.py").write_text("print()")
    return tmp_path / "copy"


def test_they_belong_to_the_bots_user_and_their_parent_does_not(tmp_path, copy, user):
    arena = tmp_path / "arena"

    folders.make(arena, copy, {}, user)

    assert sorted(path.name for path in arena.iterdir()) == [
        *("bot", "fault", "home", "log", "shared", "shm", "state", "tmp")
    ]
    assert (arena / "bot/main.py").stat().st_uid == (arena / "state").stat().st_uid == user.uid
    assert arena.stat().st_uid == os.geteuid()


def test_they_begin_with_files_folders_and_links_of_a_seed_and_not_with_its_pipes(tmp_path, copy, user):
    seed = tmp_path / "seed"
    (seed / "old").mkdir(parents=True)
    (seed / "old/a.json").write_text("{}")
    (seed / "link").symlink_to("old")
    os.mkfifo(seed / "pipe")

    folders.make(tmp_path / "arena", copy, {"state": str(seed)}, user)

    assert sorted(path.name for path in (tmp_path / "arena/state").iterdir()) == ["link", "old"]
    assert (tmp_path / "arena/state/link/a.json").read_text() == "{}"


def test_without_a_copy_of_the_bot_there_is_no_arena(tmp_path, user):
    with pytest.raises(ArenaFailed, match="run provision again"):
        folders.make(tmp_path / "arena", tmp_path / "copy", {}, user)


def test_more_than_can_be_copied_each_time_is_told(tmp_path, copy, user, monkeypatch):
    (tmp_path / "seed").mkdir()
    (tmp_path / "seed/a").write_text("12345")
    monkeypatch.setattr(tree_copy, "BOUNDED", tree_copy.Limits(size=4))

    with pytest.raises(
        ArenaFailed, match="the bot's state folder cannot be copied for another start: its files"
    ):
        folders.make(tmp_path / "arena", copy, {"state": str(tmp_path / "seed")}, user)


@pytest.mark.root
def test_a_bots_set_id_program_is_never_roots_where_another_bot_could_start_it(tmp_path, copy, user):
    """A bot beside looks at the arena while it is planted: with root's program it would be root."""
    seed = tmp_path / "seed"
    seed.mkdir()
    for number in range(500):
        (seed / f"much{number}").touch()
    (seed / "program").write_bytes(b"#!/bin/sh\n")
    os.chown(seed / "program", user.uid, user.gid)
    (seed / "program").chmod(0o4755)
    for name in ("arena", "seen"):
        (tmp_path / name).mkdir()
    os.chown(tmp_path / "seen", user.uid, user.gid)
    tmp_path.chmod(0o755)

    with acting(_look, tmp_path):
        folders.make(tmp_path / "arena", copy, {"state": str(seed), "log": str(seed)}, user)

    assert list((tmp_path / "seen").iterdir()) == []
    for name in ("state", "log"):
        found = (tmp_path / "arena" / name / "program").stat()
        assert (stat.S_IMODE(found.st_mode), found.st_uid) == (0o755, user.uid)


def _look():
    for name in ("state", "log"):
        found = Path("arena", name, "program").stat()
        if found.st_uid == 0 and found.st_mode & stat.S_ISUID:
            Path("seen/root").touch()


def test_a_folder_for_everybody_is_hidden_unless_the_arena_or_the_bots_environment_lies_in_it(
    tmp_path, user, monkeypatch
):
    shared = [tmp_path / name for name in ("crash", "arenas", "environments")]
    for folder in shared:
        folder.mkdir()
    monkeypatch.setattr(system, "SHARED_FOLDERS", {})
    monkeypatch.setattr(system, "folders_to_shadow", lambda: [*shared, tmp_path / "gone"])
    arena, bin_ = tmp_path / "arenas/one", tmp_path / "environments/bot/bin"
    for folder in (arena / "shared", bin_):
        folder.mkdir(parents=True)
    (bin_ / "python").symlink_to("/usr/bin/python3")

    found = folders.shadowed(arena, str(bin_ / "python"), user)

    assert [(shown, inner.parent) for shown, inner in found.items()] == [
        (tmp_path / "crash", arena / "shared")
    ]


def test_each_shared_folder_of_the_host_has_one_of_its_own_in_the_arena(tmp_path, copy, user, monkeypatch):
    """A bot may lock ``bot.lock`` in two of them."""
    monkeypatch.setattr(system, "folders_to_shadow", lambda: [tmp_path / "lock", tmp_path / "crash"])
    for name in ("lock", "crash"):
        (tmp_path / name).mkdir()
    folders.make(tmp_path / "arena", copy, {}, user)

    found = folders.shadowed(tmp_path / "arena", "/usr/bin/python3", user)

    assert {tmp_path / "lock", tmp_path / "crash"} <= set(found)
    assert len(set(found.values())) == len(found)
    assert {inner.stat().st_uid for inner in found.values()} == {user.uid}
