"""What the verify stage takes for a leftover: processes of the bots' user on this host, and on no container of it."""

import os
import subprocess
import time

import pytest
import testinfra

from tests.hosts.look import look

#: Nobody's.
USER = str(900_000 + os.getpid() % 90_000)
AS_USER = ["setpriv", "--reuid", USER, "--clear-groups", "sleep", "60"]
IN_A_CONTAINER = ["unshare", "--pid", "--fork", "--kill-child", *AS_USER]


def seen():
    return look(
        testinfra.get_host("local://"), stress_dir="/nonexistent", user=USER, python="false"
    ).processes


@pytest.fixture
def starts():
    """Start a command, and wait until a process of the user is there."""
    started = []

    def start(command):
        started.append(subprocess.Popen(command))
        deadline = time.monotonic() + 60
        while not subprocess.run(["pgrep", "-u", USER], capture_output=True, check=False).stdout:
            assert time.monotonic() < deadline, f"{command} does not start"
            time.sleep(0.02)

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts processes as another user")
@pytest.mark.parametrize(
    ("command", "lines"), [(AS_USER, 10), (IN_A_CONTAINER, 0)], ids=["host", "container"]
)
def test_only_a_container_keeps_its_processes(starts, command, lines):
    assert seen() == []
    starts(command)
    assert len(seen()) == lines
