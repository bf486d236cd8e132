"""library/stress_facts.py: what it says of a host's folders and user, and that it changes nothing."""

import os
import pwd
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from ansible.module_utils.stress_host import bot_user, contents
from ansible.module_utils.stress_host.folder import (
    base_facts,
    closed_to,
    folder_state,
    is_folder,
    nearest_existing,
    placed,
)

MINE = '{"made_by": "fleet-stress"}'
NOBODY = 65534


@contextmanager
def as_nobody():
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


# ---- the folder that is to be ours ----


def test_a_folder_is_ours_only_with_a_marker_that_says_so(tmp_path):
    folder = tmp_path / "folder"
    assert folder_state(folder) == "absent"
    folder.mkdir()
    assert folder_state(folder) == "empty"
    (folder / "something").touch()
    assert folder_state(folder) == "foreign"
    (folder / ".fleet-stress").write_text(MINE)
    assert folder_state(folder) == "ours"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"made_by": "somebody"}', "\udcff"])
def test_a_marker_that_says_something_else_makes_nothing_ours(tmp_path, content):
    (tmp_path / ".fleet-stress").write_text(content, errors="surrogateescape")
    assert folder_state(tmp_path) == "foreign"


def test_a_marker_that_is_a_link_makes_nothing_ours(tmp_path):
    (tmp_path / "real").write_text(MINE)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / ".fleet-stress").symlink_to(tmp_path / "real")
    assert folder_state(folder) == "foreign"


@pytest.mark.root
def test_a_marker_of_another_user_makes_nothing_ours(tmp_path):
    marker = tmp_path / ".fleet-stress"
    marker.write_text(MINE)
    os.chown(marker, NOBODY, NOBODY)
    assert folder_state(tmp_path) == "foreign"


def test_a_file_or_a_dangling_link_in_its_place_is_foreign(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    assert folder_state(tmp_path / "file") == "foreign"
    assert folder_state(tmp_path / "link") == "foreign"


@pytest.mark.root
def test_what_we_may_not_look_into_is_seen_from_outside(place):
    closed = place / "closed"
    (closed / "bot").mkdir(parents=True)
    closed.chmod(0o700)
    with as_nobody():
        assert folder_state(closed) == "foreign"
        assert folder_state(closed / "bot") == "absent"
        assert nearest_existing(closed / "bot/deep") == closed
        assert not is_folder(closed / "bot")
        assert is_folder(closed)


def test_a_folder_counts_from_a_home_or_the_project_or_nowhere(tmp_path):
    home = os.path.realpath(Path.home())
    assert placed("~/stress", "") == Path(home, "stress")
    assert placed("stress", str(tmp_path)) == tmp_path.resolve() / "stress"
    assert placed("stress", "") is None
    (tmp_path / "link").symlink_to("real")
    assert placed(f"{tmp_path}/link/below", "") == tmp_path.resolve() / "real/below"


def test_the_first_folder_on_the_way_that_is_closed_is_named(place):
    inner = place / "closed/inner"
    inner.mkdir(parents=True)
    stranger, somebody = 2**31 - 2, 2**31 - 3
    assert closed_to(inner, stranger, [somebody]) is None

    (place / "closed").chmod(0o750)
    assert closed_to(inner, stranger, [somebody]) == place / "closed"
    assert closed_to(inner, stranger, [(place / "closed").stat().st_gid]) is None
    assert closed_to(inner, (place / "closed").stat().st_uid, []) is None
    assert closed_to(inner, 0, []) is None


def test_homes_in_the_folder_are_found(me):
    home = pwd.getpwnam(me).pw_dir
    assert home in base_facts(Path(home), 0, [])["homes"]
    assert home in base_facts(Path(home).parent, 0, [])["homes"]
    assert home not in base_facts(Path(home, "stress"), 0, [])["homes"]


# ---- what stands in it ----


def test_only_what_has_its_stamp_is_complete(tmp_path):
    for name in ("done", "begun"):
        (tmp_path / name).mkdir()
    (tmp_path / "done.json").touch()
    (tmp_path / "lost.json").touch()
    (tmp_path / "current").symlink_to("done")
    (tmp_path / "current.json").touch()
    assert contents.complete(tmp_path) == ["done"]
    assert contents.complete(tmp_path / "nowhere") == []


@pytest.mark.root
def test_what_root_has_closed_is_no_error_to_another(tmp_path):
    (tmp_path / "bots").mkdir(mode=0o700)
    with as_nobody():
        assert contents.complete(tmp_path / "bots") == []


def test_what_need_not_be_brought_again(tmp_path):
    for path in ("wheels/0f/a.whl", "wheels/0f/a.whl.part", "bots/archives/1.tar.gz", "bots/x.tar.gz"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    assert contents.stored(tmp_path) == ["bots/archives/1.tar.gz", "wheels/0f/a.whl"]


@pytest.mark.root
def test_a_lock_that_we_may_not_read_names_no_run(place):
    (place / "lock").touch(mode=0o600)
    with as_nobody():
        assert contents.living_run(place) is None


def test_only_mount_points_below_are_named(monkeypatch):
    line = "36 35 98:0 / {} rw,noatime shared:1 - tmpfs tmpfs rw"
    points = ["/", "/srv/ours", "/srv/ours/a", "/srv/ours/b\\040c", "/srv/ours2/d"]
    monkeypatch.setattr(contents.platform, "system", lambda: "Linux")
    monkeypatch.setattr(contents.Path, "read_text", lambda *_, **__: "\n".join(map(line.format, points)))
    assert contents.mounts_below("/srv/ours") == ["/srv/ours/a", "/srv/ours/b c"]


# ---- as a module ----


def test_a_group_is_a_user_s_own_when_nobody_else_is_in_it(me, monkeypatch):
    entry = pwd.getpwnam(me)
    group = SimpleNamespace(gr_name=me, gr_gid=entry.pw_gid, gr_mem=[])
    monkeypatch.setattr(bot_user.grp, "getgrgid", lambda _: group)
    monkeypatch.setattr(bot_user.pwd, "getpwall", lambda: [entry])
    assert bot_user.its_own_group(entry)
    group.gr_mem = ["somebody"]
    assert not bot_user.its_own_group(entry)
    group.gr_mem, group.gr_name = [], "staff"
    assert not bot_user.its_own_group(entry)


def test_end_to_end_it_sees_what_is_there_and_changes_nothing(door, library, place, me):
    (place / "engine/abc").mkdir(parents=True)
    (place / "engine/abc.json").touch()
    (place / "engine/current").symlink_to("abc")
    before = listing(place)

    head, seen = door("stress_facts").by_ansible(stress_dir=str(place), user=me, bot_folder=f"{place}/none")

    assert "SUCCESS" in head
    assert seen["changed"] is False
    assert (seen["state"], seen["engines"], seen["engine_current"]) == ("ours", ["abc"], "abc")
    assert (seen["user_exists"], seen["bot_folder_exists"], seen["run"]) == (True, False, None)
    assert seen["disk_free_mb"] > 0 and seen["cores"] > 0 and seen["memory_mb"] > 0
    assert seen["base"]["writable"] and seen["base"]["is_folder"]
    assert listing(place) == before
    assert {key for key in seen if not key.startswith("_")} <= {
        *yaml.safe_load(library("stress_facts").RETURN),
        "changed",
        "invocation",
    }


@pytest.mark.root
@pytest.mark.parametrize("judge", ["true", "false"])
def test_a_place_that_others_can_change_is_refused_before_anything_is_run_or_written_there(
    door, place, judge
):
    stress_dir = place / "stress"
    stress_dir.mkdir()
    os.chown(stress_dir, NOBODY, NOBODY)
    asked = {"script": "roles/preflight/files/find_python.sh", "user": "nobody", "become": "false"}

    head, seen = door("stress_look").by_ansible(stress_dir=str(stress_dir), judge=judge, **asked)

    assert "FAILED" in head
    assert f"{stress_dir} is not closed: it belongs to user nobody" in seen["msg"]
    assert list(stress_dir.iterdir()) == []


def test_check_mode_sees_the_same(door, place, me):
    look = door("stress_facts")
    asked = {"stress_dir": str(place / "new"), "user": me}
    seen, checked = look(**asked), look(check=True, **asked)

    assert seen["state"] == "absent"
    assert seen["base"]["path"] == str(place)
    for item in (seen, checked):
        for varying in (
            "disk_free_mb",
            "inodes_free",
            "memory_available_mb",
            "others",
            "notes",
            "invocation",
        ):
            item.pop(varying)
    assert seen == checked
    assert not (place / "new").exists()


def test_a_user_that_is_yet_to_be_made_has_no_rights_but_those_of_everybody(door, place):
    (place / "closed").mkdir(mode=0o750)
    seen = door("stress_facts")(stress_dir=f"{place}/closed/x", user="no-such-user")
    assert seen["user_exists"] is False
    assert seen["base"]["closed_at"] == f"{place}/closed"


def test_a_home_that_does_not_exist_is_said_in_a_sentence(door, me):
    message = door("stress_facts").fails(stress_dir="~no-such-user/x", user=me)
    assert "~no-such-user/x" in message and "absolute path" in message


def listing(folder):
    return sorted((str(path), path.lstat().st_mtime_ns) for path in (folder, *folder.rglob("*")))
