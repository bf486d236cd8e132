"""users: who has become the bots' user gains no rights again."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from fleet_stress import system
from fleet_stress.system import process

pytestmark = [pytest.mark.root, pytest.mark.linux]


@pytest.fixture
def program():
    """A set-id program of root's that says as whom it runs, where anybody can start it: as a bot might find or make."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-test-", dir="/var/lib"))
    try:
        folder.chmod(0o755)
        path = Path(shutil.copy(shutil.which("id"), folder))
        path.chmod(0o4755)
        yield path
    finally:
        shutil.rmtree(folder)


def test_a_set_id_program_gives_a_bot_no_rights(program, user):
    control = subprocess.run(
        [program, "-u"], user=user.uid, group=user.gid, extra_groups=[], capture_output=True, check=True
    )
    if control.stdout != b"0\n":
        pytest.skip("set-id programs have no effect here")

    started = process.start(
        [str(program), "-u"],
        user=user,
        folder=Path("/"),
        environment={},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = started.communicate()

    assert said == b"%d\n" % user.uid


def test_nor_a_program_of_ours_that_tries_something_as_the_bots_user(user):
    def attempt():
        words = Path("/proc/self/status").read_text().split()
        raise OSError(int(words[words.index("NoNewPrivs:") + 1]), "")

    assert system.as_user(user.uid, user.gid, attempt) == "EPERM"  # 1


def test_every_program_that_runs_as_the_bots_user_is_started_by_these_two():
    """``process.start`` and ``become``: whoever changes its user by itself would have to forgo new rights by itself."""
    engine = Path(system.__file__).parents[1]
    words = ("setuid(", "setresuid(", "setreuid(", "seteuid(", "setfsuid(", "user=user.uid", "demote")
    found = {
        str(path.relative_to(engine))
        for path in engine.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in words)
    }
    # The faulty file system answers with the rights of who asks it, and starts nothing.
    assert found == {"system/users.py", "faulty_fs/server/lowlevel.py"}
