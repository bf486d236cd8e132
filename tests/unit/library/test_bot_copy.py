"""library/bot_copy.py, the door: from an archive or a folder, once, and in sentences when it cannot be."""

import os
import pwd
import stat
from pathlib import Path

import pytest

from fleet_stress.store.bot_archive import Rules, pack


@pytest.fixture
def bot(tmp_path):
    folder = tmp_path / "bot"
    folder.mkdir()
    (folder / "main.py").write_text("print('bot')\n")
    (folder / "config.yaml").write_text("mode: live\n")
    (folder / ".env").write_text("TOKEN=hunter2\n")
    return folder


@pytest.fixture
def asked(place):
    return {
        "bots": f"{place}/bots",
        "name": "tiny",
        "overlay": {"config.yaml": "mode: paper\n"},
        "commands": {"argv": ["${python}", "main.py"]},
    }


def test_end_to_end_from_an_archive_that_was_brought(door, place, bot, asked):
    taken, archive = pack(bot, Rules(), place / "bots/archives", 10)

    head, made = door("bot_copy").by_ansible(**asked, archive=str(archive), content=taken.content)

    assert "CHANGED" in head
    copy = Path(made["copy"])
    assert sorted(path.name for path in copy.iterdir()) == ["config.yaml", "main.py"]
    assert (copy / "config.yaml").read_text() == "mode: paper\n"
    again = door("bot_copy")(**asked, archive=str(archive), content=taken.content)
    assert (again["changed"], again["copy"], again["why"]) == (False, made["copy"], "")


def test_from_a_folder_of_the_host_which_is_only_read(door, place, bot, asked):
    before = sorted((str(path), path.stat().st_mtime_ns) for path in (bot, *bot.rglob("*")))
    copy = door("bot_copy")

    checked = copy(**asked, folder=str(bot), check=True)
    assert (checked["changed"], checked["why"]) == (True, "is not there")
    assert not (place / "bots").exists()

    made = copy(**asked, folder=str(bot))
    assert (made["changed"], made["copy"], made["left_out"]) == (True, checked["copy"], [".env"])
    assert made["diff"] == checked["diff"]
    assert [item["after"] for item in made["diff"] if item["after_header"] == "config.yaml"] == [
        "mode: paper\n"
    ]

    for check in (False, True):
        assert copy(**asked, folder=str(bot), check=check)["changed"] is False
    assert before == sorted((str(path), path.stat().st_mtime_ns) for path in (bot, *bot.rglob("*")))


def test_a_change_of_the_configuration_is_shown_against_the_copy_before(door, bot, asked):
    copy = door("bot_copy")
    first = copy(**asked, folder=str(bot))
    asked["overlay"] = {"config.yaml": "mode: dry\n"}

    second = copy(**asked, folder=str(bot), check=True)

    assert second["copy"] != first["copy"]
    shown = {item["after_header"]: (item["before"], item["after"]) for item in second["diff"]}
    assert shown["config.yaml"] == ("mode: paper\n", "mode: dry\n")


def test_a_login_that_closes_its_files_does_not_close_the_copy(door, place, bot, asked):
    old = os.umask(0o077)
    try:
        copy = Path(door("bot_copy")(**asked, folder=str(bot))["copy"])
    finally:
        os.umask(old)
    for path in (copy, copy / "main.py", copy / "config.yaml"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o044 == 0o044, path


@pytest.mark.root
def test_other_users_of_the_host_do_not_come_to_the_copies(door, place, bot, asked):
    door("bot_copy")(**asked, folder=str(bot), user="nobody")

    status = (place / "bots").stat()
    assert stat.S_IMODE(status.st_mode) == 0o710
    assert (status.st_uid, status.st_gid) == (0, pwd.getpwnam("nobody").pw_gid)
    assert [path for path in (place / "bots/archives").iterdir() if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({}, "one of the following is required: archive, folder"),
        ({"folder": "/nonexistent/bot"}, "/nonexistent/bot: is not there"),
        ({"folder": "/a", "archive": "/b", "content": "c"}, "mutually exclusive"),
        ({"archive": "/b"}, "required together"),
        ({"archive": "/nonexistent.tar.gz", "content": "c"}, "/nonexistent.tar.gz"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(door, asked, more, message):
    assert message in door("bot_copy").fails(**asked, **more)


def test_outside_a_folder_of_ours_nothing_is_made(door, tmp_path, bot, asked):
    asked["bots"] = f"{tmp_path}/elsewhere"
    answer = door("bot_copy").fails(**asked, folder=str(bot))
    assert "no marker" in answer and "provision" in answer


def test_without_the_engine_it_says_how_to_get_it_and_check_mode_says_what_would_be(library, capsys, asked):
    module = library("bot_copy")
    module.MISSING = ImportError("no engine")
    for check, expected in ((False, "run the provision stage"), (True, '"changed": true')):
        with patched(check, **asked, folder="/srv/bot"), pytest.raises(SystemExit):
            module.main()
        assert expected in capsys.readouterr().out


def patched(check, **arguments):
    from ansible.module_utils.testing import patch_module_args

    return patch_module_args({**arguments, "_ansible_check_mode": check, "_ansible_diff": True})
