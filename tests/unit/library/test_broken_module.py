"""library/broken_module.py, the door: held open by hand, changed once, mended without a trace."""

import subprocess
import sys

import pytest


@pytest.fixture
def asked(place):
    return {"folder": f"{place}/by_hand", "module": "statistics"}


def imports(path):
    done = subprocess.run(
        [sys.executable, "-B", "-c", "import statistics"],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    return done.returncode == 0


def test_end_to_end_there_and_away_again(door, place, asked):
    head, made = door("broken_module").by_ansible(**asked)

    assert "CHANGED" in head
    assert made["met"] == []
    assert not imports(made["path"])
    again = door("broken_module")(**asked)
    assert (again["changed"], again["met"][0]["what"]) == (False, "import")

    gone = door("broken_module")(**asked, state="absent")
    assert (gone["changed"], len(gone["met"])) == (True, 1)
    assert imports(made["path"])
    assert list((place / "by_hand").iterdir()) == []
    assert door("broken_module")(**asked, state="absent")["changed"] is False


def test_check_mode_and_diff_say_what_would_change(door, place, asked):
    module = door("broken_module")

    checked = module(**asked, check=True)

    assert checked["changed"]
    assert not (place / "by_hand").exists()
    made = module(**asked)
    assert checked["diff"] == made["diff"]
    assert "RuntimeError" in made["diff"]["after"]
    other = module(**asked, kind="import_import_error", check=True)
    assert other["changed"]
    assert ("RuntimeError" in other["diff"]["before"], "ImportError" in other["diff"]["after"]) == (
        True,
        True,
    )
    assert module(**asked, check=True)["changed"] is False
    away = module(**asked, state="absent", check=True)
    assert (away["changed"], away["diff"]["after"]) == (True, "")
    assert not imports(made["path"])


@pytest.mark.root
def test_the_bots_user_may_note_and_a_change_of_user_is_a_change(door, place, asked):
    module = door("broken_module")
    module(**asked)

    assert module(**asked, user="nobody", check=True)["changed"]
    assert module(**asked, user="nobody")["changed"]
    assert (place / "by_hand/met").owner() == "nobody"
    assert module(**asked, user="nobody")["changed"] is False


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"module": "../../etc"}, "no name of a top-level module"),
        ({"folder": "/nonexistent/folder"}, "choose one inside the stress_dir"),
        ({"user": "nobody-of-this-name"}, "name not found"),
        ({"kind": "explodes"}, "value of kind must be one of"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(door, place, asked, more, message):
    assert message in door("broken_module").fails(**{**asked, **more})
    assert not (place / "by_hand").exists()
