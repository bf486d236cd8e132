"""A public exerciser (stress-ng, its file tests with --verify) finds nothing wrong with the passthrough."""

import pwd
import shutil
import subprocess

import pytest

from tests.unit.engine.faulty_fs.conftest import able, place, stand  # noqa: F401
from tests.unit.engine.faulty_fs.nobody import names

pytestmark = [pytest.mark.root, pytest.mark.linux, pytest.mark.slow]

#: Those that work on files of a folder; each verifies what it reads. ``chown`` and ``handle`` want more than a bot may.
STRESSORS = """
    access chdir chmod copy-file dentry dir dirdeep dup fallocate fcntl filename flock fpunch fsize hdd
    iomix lease link locka lockf lockofd mknod open rename seek symlink sync-file touch utime msync
    readahead revio sendfile
"""
NOBODY = pwd.getpwnam("nobody")


def exercised(folder, stressor, seconds):
    argv = [
        "stress-ng",
        "--temp-path",
        str(folder),
        f"--{stressor}",
        "2",
        "--timeout",
        f"{seconds}s",
        "--verify",
    ]
    return subprocess.run(
        argv,
        user=NOBODY.pw_uid,
        group=NOBODY.pw_gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.mark.skipif(shutil.which("stress-ng") is None, reason="needs stress-ng (Debian: stress-ng)")
@pytest.mark.parametrize("stressor", STRESSORS.split())
def test_stress_ng_finds_nothing(stand, stressor):  # noqa: F811
    stood = stand()
    # Where its workers get no time in a second, they get more.
    for seconds in (1, 10, 60):
        done = exercised(stood.top, stressor, seconds)
        assert done.returncode == 0, done.stdout + done.stderr
        if stood.mounted.figures().operations:
            break
    # On a busy host it kills workers of its own that do not clear up; then that is seen alike from both sides.
    assert names(stood.top) == names(stood.below)
    assert sum(stood.mounted.figures().operations.values()) > 0
