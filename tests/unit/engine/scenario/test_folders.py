"""An arena's folders: a copy of the bot, and what an earlier arena left."""

import os

import pytest

from fleet_stress.scenario import folders
from fleet_stress.scenario.early_end import ArenaFailed


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy/main.py").write_text("print()")
    return tmp_path / "copy"


def test_they_belong_to_the_bots_user_and_their_parent_does_not(tmp_path, copy, user):
    arena = tmp_path / "arena"

    folders.make(arena, copy, {}, user)

    assert sorted(path.name for path in arena.iterdir()) == [
        *("bot", "fault", "home", "log", "shm", "state", "tmp")
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
