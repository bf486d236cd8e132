"""What a bot writes beside its folders: new and changed files, with what its profile allows."""

import os
import time

import pytest

from fleet_stress import system
from fleet_stress.observe.stray_writes import StrayWrites, written_to_shared


@pytest.fixture
def arena(tmp_path):
    for name in ("bot/logs", "home", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "bot/main.py").write_text("pass")
    (tmp_path / "bot/logs/old.log").write_text("old")
    return tmp_path


def looking(arena, *allowed):
    return StrayWrites({name: arena / name for name in ("bot", "home", "tmp")}, allowed)


def paths(found):
    return {item["path"]: item["change"] for item in found}


def test_nothing_written_is_nothing_found(arena):
    look = looking(arena)
    (arena / "bot/main.py").read_text()

    assert look.written() == []


def test_new_and_changed_files_are_found(arena):
    look = looking(arena)
    (arena / "bot/main.py").write_text("import os")
    (arena / "home/.cache").mkdir()
    (arena / "home/.cache/x").write_text("1234")
    (arena / "tmp/link").symlink_to("/nowhere")

    found = look.written()

    assert paths(found) == {"bot/main.py": "changed", "home/.cache/x": "new", "tmp/link": "new"}
    assert next(item for item in found if item["path"] == "home/.cache/x") == {
        "path": "home/.cache/x",
        "size": 4,
        "change": "new",
        "allowed": False,
    }


def test_a_change_that_keeps_the_size_is_found(arena):
    look = looking(arena)
    (arena / "bot/main.py").write_text("exit")
    os.utime(arena / "bot/main.py", (1, 1))

    assert paths(look.written()) == {"bot/main.py": "changed"}


def test_what_the_profile_allows_is_allowed_in_the_copy_only(arena):
    look = looking(arena, "logs/*.log", "data.json")
    for name in ("bot/logs/new.log", "bot/data.json", "bot/more.json", "home/data.json"):
        (arena / name).write_text("x")

    assert {item["path"]: item["allowed"] for item in look.written()} == {
        "bot/logs/new.log": True,
        "bot/data.json": True,
        "bot/more.json": False,
        "home/data.json": False,
    }


def test_pythons_cache_and_what_we_asked_for_are_not_the_bots_doing(arena):
    look = looking(arena)
    (arena / "bot/__pycache__").mkdir()
    (arena / "bot/__pycache__/main.pyc").write_text("x")
    (arena / "tmp/exchange.port").write_text("1")
    (arena / "tmp/other.port").write_text("1")

    assert paths(look.written(own=[arena / "tmp/exchange.port"])) == {"tmp/other.port": "new"}


@pytest.fixture
def shared(tmp_path, monkeypatch):
    (tmp_path / "shared/deep").mkdir(parents=True)
    monkeypatch.setattr(system, "SHARED_FOLDERS", (tmp_path / "shared", tmp_path / "missing"))
    return tmp_path / "shared"


def test_files_in_shared_folders_that_are_older_than_the_scenario_are_not_its_bots(shared):
    now = time.time()
    for name, age in (("old", 100), ("deep/new", 0)):
        (shared / name).write_text("xx")
        os.utime(shared / name, (now - age, now - age))
    (shared / "link").symlink_to("old")

    assert written_to_shared(os.getuid(), now - 50) == [
        {"path": str(shared / "deep/new"), "size": 2, "change": "new", "allowed": False}
    ]


@pytest.mark.root
def test_files_of_other_users_in_shared_folders_are_not_the_bots(shared, user):
    (shared / "ours").write_text("x")
    (shared / "bots").write_text("x")
    os.chown(shared / "bots", user.uid, user.gid)

    assert [item["path"] for item in written_to_shared(user.uid, 0.0)] == [str(shared / "bots")]
