"""The private copy: complete or not there, made anew when it was changed, with configuration laid over."""

import contextlib
import os
import subprocess
import sys

import pytest

from fleet_stress.store import bot_copy
from fleet_stress.store.bot_archive import BotCopyError, Rules, pack
from fleet_stress.store.bot_copy import CopyRequest, lay_over, place
from fleet_stress.store.layout import MARKER


@pytest.fixture
def bot(tmp_path):
    root = tmp_path / "bot"
    (root / "sub").mkdir(parents=True)
    (root / "main.py").write_text("print('bot')\n")
    (root / "sub/part.py").write_text("part = 1\n")
    (root / "config.yaml").write_text("mode: live\n")
    (root / "link.yaml").symlink_to("sub/part.py")
    return root


@pytest.fixture
def wanted(tmp_path, bot):
    """``wanted(overlay={…})``: a copy as it is asked for, packed and below a folder of ours."""
    ours = tmp_path / "ours"
    ours.mkdir()
    (ours / MARKER).write_text("{}")

    def ask(overlay=(), **more):
        taken, archive = pack(bot, Rules(), ours / "bots/archives", 10)
        asked = CopyRequest(ours / "bots", "tiny", archive, taken.content, dict(overlay), {}, 10)
        return asked._replace(**more)

    return ask


def refused(asked):
    with pytest.raises(BotCopyError) as told:
        place(asked)
    return str(told.value)


def test_it_is_made_once(wanted):
    first, second = place(wanted()), place(wanted())
    assert (first["changed"], first["why"]) == (True, "is not there")
    assert (second["changed"], second["why"], second["diff"]) == (False, "", [])
    copy = wanted().copy
    assert sorted(path.name for path in copy.rglob("*")) == [
        *("config.yaml", "link.yaml", "main.py", "part.py", "sub")
    ]
    assert (copy / "link.yaml").readlink().name == "part.py"
    assert sorted(path.name for path in wanted().bots.iterdir()) == [
        *(".lock", "archives", copy.name, f"{copy.name}.json")
    ]


def test_looking_only_makes_nothing(wanted):
    answer = place(wanted(), look_only=True)
    assert answer["changed"] and not wanted().copy.exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda copy: (copy / "main.py").write_text("print('harm')\n"),
        lambda copy: (copy / "main.py").chmod(0o755),
        lambda copy: (copy / "sub/part.py").unlink(),
        lambda copy: (copy / "sub/__pycache__").mkdir(),
        lambda copy: (copy / ".env").write_text("TOKEN=x"),
        lambda copy: (copy / "out").symlink_to("/etc"),
        lambda copy: (copy / "link.yaml").unlink() or (copy / "link.yaml").symlink_to("main.py"),
    ],
)
def test_a_copy_that_was_changed_is_made_anew(wanted, change):
    place(wanted())
    change(wanted().copy)

    answer = place(wanted())

    assert (answer["changed"], answer["why"]) == (True, "was changed since it was made")
    assert (wanted().copy / "main.py").read_text() == "print('bot')\n"
    assert not place(wanted())["changed"]


def test_also_below_a_folder_that_carries_a_marker(wanted, bot, tmp_path, monkeypatch):
    (bot / "sub" / MARKER).touch()
    monkeypatch.setattr("fleet_stress.store.bot_archive.MARKER", ".nothing")  # an archive that others packed
    asked = wanted()
    monkeypatch.undo()
    place(asked)
    (asked.copy / "sub/part.py").write_text("part = 2\n")
    assert place(asked)["why"] == "was changed since it was made"


def test_one_that_was_not_finished_is_made_anew(wanted):
    asked = wanted()
    place(asked)
    asked.stamp.unlink()
    (asked.bots / ".making-tiny-0").mkdir()
    assert place(asked)["why"] == "was not finished"
    assert not list(asked.bots.glob(".making-*"))


def test_one_that_another_controller_made_while_we_waited_is_kept(wanted, monkeypatch):
    asked, really = wanted(), bot_copy._alone

    @contextlib.contextmanager
    def wait(bots):
        monkeypatch.setattr(bot_copy, "_alone", really)
        place(asked)
        made.append(asked.copy.stat().st_ino)
        with really(bots):
            yield

    made = []
    monkeypatch.setattr(bot_copy, "_alone", wait)
    place(asked)
    assert [asked.copy.stat().st_ino] == made


def test_outside_a_folder_of_ours_nothing_is_made(wanted, tmp_path):
    assert "no marker" in refused(wanted(bots=tmp_path / "elsewhere"))
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\nb"])
def test_a_name_is_a_name(wanted, name):
    assert "a name has letters" in refused(wanted(name=name))


def test_an_archive_that_holds_something_else_is_refused_and_removed(wanted):
    asked = wanted(content="0" * 64)
    assert "does not hold what its name says" in refused(asked)
    assert not asked.archive.exists() and not asked.copy.exists()


def test_programs_that_are_not_there_are_named(wanted):
    commands = {"argv": ["${python}", "gone.py"], "web": ["no-such-program"], "exchange": ["sh"]}
    message = refused(wanted(commands=commands))
    assert "gone.py is not in the bot's folder" in message
    assert "web ['no-such-program']: there is no program 'no-such-program' on this host" in message
    assert "exchange" not in message
    assert not wanted(commands=commands).copy.exists()


# ---- the overlay ----


def test_configuration_is_laid_over_and_shown(wanted):
    place(wanted({"config.yaml": "mode: paper\n"}))
    answer = place(wanted({"config.yaml": "mode: dry\n", "new/.env": "A=1\n"}))
    copy = wanted({"config.yaml": "mode: dry\n", "new/.env": "A=1\n"}).copy
    assert (copy / "config.yaml").read_text() == "mode: dry\n"
    assert (copy / "new/.env").read_text() == "A=1\n"
    shown = {item["after_header"]: (item["before"], item["after"]) for item in answer["diff"]}
    del shown["copy"]
    assert shown == {"config.yaml": ("mode: paper\n", "mode: dry\n"), "new/.env": ("", "A=1\n")}


@pytest.mark.parametrize(
    "path", ["main.py", "sub/part.PY", "run.sh", "lib.so", "sitecustomize.py", "x.pth", "start"]
)
def test_code_is_never_laid_over(wanted, path):
    message = refused(wanted({path: ""}, commands={"argv": ["./start"]}))
    assert path in message and "is code" in message


@pytest.mark.parametrize("path", ["/etc/x.yaml", "../x.yaml", "a/../../x.yaml", "./x.yaml", "a//x.yaml", ""])
def test_an_overlay_does_not_leave_the_copy(wanted, path):
    assert "is not a path inside the bot's folder" in refused(wanted({path: ""}))


def test_a_link_of_that_name_makes_way_and_is_not_written_through(wanted):
    asked = wanted({"link.yaml": "mode: paper\n"})
    place(asked)
    assert not (asked.copy / "link.yaml").is_symlink()
    assert (asked.copy / "sub/part.py").read_text() == "part = 1\n"


@pytest.mark.parametrize("path", ["linked/x.yaml", "main.py/x.yaml", "sub"])
def test_what_stands_in_the_way_of_an_overlay_is_named(tmp_path, bot, path):
    (bot / "linked").symlink_to("sub")
    with pytest.raises(BotCopyError, match=f"overlay '{path}'"):
        lay_over(bot, path, "")


def test_it_is_written_in_utf_8_whatever_the_login_speaks(tmp_path):
    code = f"from pathlib import Path; from fleet_stress.store.bot_copy import lay_over as o; o(Path({str(tmp_path)!r})"
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run(
        [sys.executable, "-c", f"{code}, 'a.yaml', 'caf\\u00e9')"], env={**os.environ, **plain}, check=True
    )
    assert (tmp_path / "a.yaml").read_bytes() == "café".encode()
