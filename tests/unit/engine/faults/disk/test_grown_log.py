"""``grown_log``: text logs grow to just under their limit, with numbered lines of ours."""

import logging
import os
from logging.handlers import RotatingFileHandler

import pytest

from fleet_stress.faults.disk.grown_log import GrownLog
from fleet_stress.observe.bot_files import Tracked
from tests.unit.engine.adversary import BOT
from tests.unit.engine.faults.conftest import applied, make_site

LIMIT = 20_000


@pytest.fixture
def site(tmp_path):
    errors = Tracked("errors", "log/errors.log", tmp_path / "log/errors.log", "text", (), None)
    beside = Tracked("beside", "bot/logs/x.log", tmp_path / "bot/logs/x.log", "text", (), None)
    plain = Tracked("plain", "log/plain.log", tmp_path / "log/plain.log", "text", (), None)
    logs = {
        "errors": {"path": "errors.log", "max_bytes": LIMIT, "backups": 2},
        "beside": {"path": "x", "max_bytes": LIMIT},
    }
    bot = {"logs": {**logs, "plain": {"path": "plain.log"}}}
    return make_site(tmp_path, bot=bot, files={"errors": errors, "beside": beside, "plain": plain})


def grown(site, **arguments):
    fault = applied(GrownLog, site, arguments)
    return fault.prove()


@pytest.mark.parametrize("before", ["", "one line of the bot\n", "x" * 19_000 + "\n"])
def test_it_ends_just_under_the_limit(site, before):
    path = site.files["errors"].path
    if before:
        path.write_text(before)
    proof = grown(site, file="errors", room="64B")

    text = path.read_text()
    assert len(text) == LIMIT - 64
    assert text.startswith(before)
    assert text.endswith("\n")
    [log] = proof.details["logs"]
    assert proof.took_effect
    assert (log["role"], log["key"], log["limit"], log["before"]) == (
        "errors",
        "log/errors.log",
        LIMIT,
        len(before),
    )
    assert log["last_line"] in text.splitlines()[-1]


def test_each_line_has_its_number(site):
    grown(site, file="errors")
    lines = site.files["errors"].path.read_text().splitlines()
    assert [line.split()[5] for line in lines] == [f"{item:08d}" for item in range(1, len(lines) + 1)]


def test_all_logs_with_a_limit_grow_and_their_folders_are_made(site):
    proof = grown(site)
    assert [log["role"] for log in proof.details["logs"]] == ["errors", "beside"]
    assert site.files["beside"].path.stat().st_size == LIMIT - 1  # any line is more
    assert not site.files["plain"].path.exists()


def test_the_next_line_of_the_bot_meets_the_rotation(site):
    grown(site, file="errors")
    path = site.files["errors"].path
    handler = RotatingFileHandler(path, maxBytes=LIMIT, backupCount=2)
    handler.emit(logging.LogRecord("bot", logging.INFO, "", 0, "started", (), None))
    handler.close()
    assert path.with_name("errors.log.1").stat().st_size == LIMIT - 1


def test_it_did_not_bite_where_the_log_is_larger_already(site):
    site.files["errors"].path.write_bytes(bytes(LIMIT))
    assert not grown(site, file="errors").took_effect


def test_a_bot_without_such_a_log_cannot_meet_it(site):
    with pytest.raises(OSError, match="names no text log with max_bytes"):
        grown(site._replace(bot={"logs": {"plain": {"path": "plain.log"}}}))


def test_a_link_planted_by_the_bot_is_not_written_through(site, tmp_path):
    (tmp_path / "victim").write_text("precious")
    site.files["errors"].path.symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match="symbolic link"):
        grown(site, file="errors")
    assert (tmp_path / "victim").read_text() == "precious"


@pytest.mark.root
@pytest.mark.parametrize(
    "kind", ["link", "pipe", "pipe with a reader", "second name", "linked folder", "folder"]
)
def test_what_a_bot_puts_in_a_logs_place_is_not_written_and_not_given_to_it(site, tmp_path, kind):
    """Each was once a way to root's files, or to an arena that waits for ever."""
    path = site.files["beside"].path
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "x.log").write_bytes(b"root's")
    site = site._replace(user=BOT)
    path.parent.parent.mkdir(exist_ok=True)
    if kind != "linked folder":
        path.parent.mkdir(exist_ok=True)
    os.chown(tmp_path / "bot", BOT.uid, BOT.gid)
    reader = None
    if kind == "link":
        path.symlink_to(private / "x.log")
    elif kind.startswith("pipe"):
        os.mkfifo(path)
        if kind != "pipe":
            reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    elif kind == "second name":
        os.chown(path.parent, BOT.uid, BOT.gid)
        path.hardlink_to(private / "x.log")
    elif kind == "folder":
        path.mkdir()
    else:
        path.parent.symlink_to(private)

    with pytest.raises(OSError):
        applied(GrownLog, site, {"file": "beside"})

    found = (private / "x.log").stat()
    assert (found.st_uid, found.st_size) == (os.geteuid(), 6)
    assert private.stat().st_uid == os.geteuid()
    if reader is not None:
        os.close(reader)


@pytest.mark.root
def test_nor_does_it_give_away_a_file_of_roots_whose_first_name_is_gone(site, tmp_path):
    """A bot made a second name for /etc/shadow (fs.protected_hardlinks=0), and passwd(1) has put a new one there."""
    path = site.files["beside"].path
    path.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "shadow").write_text("secret")
    path.hardlink_to(tmp_path / "shadow")
    (tmp_path / "shadow").unlink()
    os.chown(path.parent, BOT.uid, BOT.gid)

    with pytest.raises(OSError, match="belongs to others"):
        applied(GrownLog, site._replace(user=BOT), {"file": "beside"})
    assert (path.stat().st_uid, path.stat().st_size) == (0, 6)
