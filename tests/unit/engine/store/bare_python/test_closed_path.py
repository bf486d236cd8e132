"""Whose folders a path leads through: real ones, of another user, open to others, or sticky."""

import importlib
import os
import pwd
import shutil
import subprocess

import pytest

from fleet_stress.store.bare_python.closed_path import open_folders, refusal, trusted
from tests.as_module import find_module_utils

pytestmark = pytest.mark.root
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def place(tmp_path):
    """A folder below those of a test, which are root's and closed."""
    folder = tmp_path / "above/stress"
    folder.mkdir(parents=True)
    return folder


def open_to_others(path):
    """As a module of ours finds it, which Ansible packs along."""
    find_module_utils()
    return importlib.import_module("ansible.module_utils.stress_host.folder").open_to_others(path)


def open_ones(path):
    return [folder for folder, _ in open_folders(path)]


def test_folders_of_root_are_closed(place):
    assert open_folders(place) == []
    assert open_folders(place / "not/yet/there") == []
    assert refusal(place) == ""


def test_an_empty_folder_of_another_user_is_not_ours_to_take(place):
    os.chown(place, NOBODY.pw_uid, -1)

    [(folder, why)] = open_folders(place)

    assert (folder, why) == (str(place), "it belongs to user nobody")
    assert f"chown root {place}" in refusal(place)
    assert open_to_others(place) == [{"path": str(place), "why": why}]


def test_nor_is_one_below_a_folder_of_another_user(place):
    os.chown(place.parent, NOBODY.pw_uid, -1)

    assert open_ones(place) == [str(place.parent)]
    assert open_ones(place / "new") == [str(place.parent)]


def test_nor_below_one_that_everybody_may_write_to(place):
    place.parent.chmod(0o777)

    assert open_folders(place) == [(str(place.parent), "everybody may write to it")]


def test_in_a_sticky_folder_others_cannot_rename_ours(place):
    place.parent.chmod(0o1777)
    rename = ["mv", place, f"{place}-away"]
    moved = subprocess.run(rename, user=NOBODY.pw_uid, group=NOBODY.pw_gid, check=False, capture_output=True)

    assert moved.returncode != 0
    assert open_folders(place) == []
    assert open_folders(place / "new") == []


def test_but_what_is_yet_to_be_made_there_others_may_make_first(place):
    """Root would then bring the engine into a folder of theirs, and change modes where a link of theirs leads."""
    new = place.parent / "new"
    place.parent.chmod(0o1777)
    assert open_ones(new) == open_ones(new / "deeper/still") == [str(new)]
    assert f"mkdir -p {new}" in refusal(new)

    new.mkdir()
    assert open_folders(new / "deeper") == []


def test_but_what_is_theirs_in_it_is_open_and_so_is_a_sticky_folder_itself(place):
    place.parent.chmod(0o1777)
    os.chown(place, NOBODY.pw_uid, -1)
    assert open_ones(place) == [str(place)]

    os.chown(place, 0, -1)
    place.chmod(0o1777)  # others could make `engine` there before us
    assert open_ones(place) == [str(place)]


def test_a_group_may_write_only_where_nobody_else_is_in_it(place):
    place.chmod(0o775)
    assert open_folders(place) == []  # root's own group

    os.chown(place, 0, NOBODY.pw_gid)
    [(_, why)] = open_folders(place)
    assert why.startswith("group ")


@pytest.mark.skipif(shutil.which("setfacl") is None, reason="setfacl (package acl) is not there")
def test_an_access_list_says_more_than_the_mode(place):
    if subprocess.run(["setfacl", "-m", "u:nobody:rwx", place], check=False).returncode:
        pytest.skip("this file system has no access lists")

    assert open_folders(place) == [(str(place), "somebody named in its access list may write to it")]


def test_links_are_followed_to_where_they_lead(place, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    os.chown(theirs, NOBODY.pw_uid, -1)
    (place / "link").symlink_to(theirs)

    assert open_ones(place / "link/stress") == [str(theirs)]


def test_an_engine_that_lies_elsewhere_is_looked_at_too(place, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o777)
    elsewhere.chmod(0o777)
    (place / "engine").mkdir()
    (place / "engine/current").symlink_to(elsewhere)

    assert [item["path"] for item in open_to_others(place)] == [str(elsewhere)]


def test_the_login_that_became_root_is_trusted_as_root_is(place, monkeypatch):
    monkeypatch.setenv("SUDO_UID", str(NOBODY.pw_uid))
    os.chown(place, NOBODY.pw_uid, -1)

    assert trusted() == {0, NOBODY.pw_uid}
    assert open_folders(place) == []


class TestWhoAsks:
    """Each that would run something from there, or build it."""

    def test_the_hand_over_of_a_plan(self, place):
        from fleet_stress.run.handover import Refused, hand_over
        from fleet_stress.store.layout import MARKER

        (place / MARKER).write_text("{}")
        place.parent.chmod(0o777)
        plan = {
            "format": 1,
            "engine_version": "0.1.0",
            "stress_dir": str(place),
            "plan_hash": "h",
            "host": "here",
        }

        with pytest.raises(Refused, match=f"{place.parent} is not closed: everybody may write to it"):
            hand_over(plan)
