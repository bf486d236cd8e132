"""no_links: the one door to a bot's files. More of it: tests/unit/engine/faults/test_links.py."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from fleet_stress.store.bare_python import no_links, tree_walk
from tests.unit.engine.adversary import BOT


def test_a_folder_is_made_for_its_owner_with_its_mode(tmp_path):
    no_links.make_folder(tmp_path / "made", 0o751, None)

    assert (tmp_path / "made").stat().st_mode & 0o7777 == 0o751
    with pytest.raises(FileExistsError):
        no_links.make_folder(tmp_path / "made", 0o751, None)


@pytest.mark.root
def test_a_folder_is_neither_made_nor_listed_nor_emptied_through_a_bots_link(tmp_path):
    private, state = tmp_path / "private", tmp_path / "state"
    private.mkdir()
    (private / "shadow").touch()
    state.mkdir()
    (state / "link").symlink_to(private)
    os.chown(state, BOT.uid, BOT.gid)

    for act in (
        lambda: no_links.make_folder(state / "link/made", 0o755, BOT[1:]),
        lambda: no_links.make_link(state / "link/made", "x"),
        lambda: no_links.unlink(state / "link/shadow"),
        lambda: no_links.open_regular(state / "link/new", os.O_WRONLY | os.O_CREAT),
    ):
        with pytest.raises(OSError):
            act()
    assert no_links.names(state / "link") == []
    assert [path.name for path in private.iterdir()] == ["shadow"]


def test_who_waits_at_a_pipe_is_not_woken_up_by_us(tmp_path):
    """A bot that writes into its pipe waits for its reader, not for one that looks what it is and goes away."""
    os.mkfifo(tmp_path / "pipe")
    writer = subprocess.Popen(
        [sys.executable, "-c", "import sys; open(sys.argv[1], 'w')", tmp_path / "pipe"],
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(20):
            with pytest.raises(OSError, match="not a regular file"):
                no_links.open_regular(tmp_path / "pipe", os.O_RDONLY)
            time.sleep(0.02)
        assert writer.poll() is None
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()


@pytest.mark.root
def test_without_root_a_folder_on_the_way_may_be_closed_to_looks():
    """As ``/home`` is on many hosts (0711)."""
    with tempfile.TemporaryDirectory(prefix="fleet-stress-test-", dir="/var/lib") as home:
        Path(home).chmod(0o711)
        (Path(home) / "bots").mkdir()
        os.chown(Path(home, "bots"), BOT.uid, BOT.gid)
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setgid(BOT.gid)
            os.setuid(BOT.uid)
            try:
                no_links.make_folder(Path(home, "bots/made"), 0o700, None)
                with no_links.opened_folder(Path(home, "bots")) as folder:
                    os._exit(len(list(tree_walk.walk(folder))))
            finally:
                os._exit(99)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
