"""A Mac made of doubles: the engine is on it, every command line is kept, and a caller can be killed at each."""

import os
import signal

from fleet_stress import system
from fleet_stress.system.programs import run
from tests.doubles.fixture import mac  # noqa: F401


def test_the_engine_is_on_it(mac):  # noqa: F811
    assert system.boot_id() == "6F1C3B44-3B46-4B1C-9E1A-4B5F1D1F4D11"
    assert mac.calls == [["sysctl", "-n", "kern.bootsessionuuid"]]


def test_what_a_program_does_not_know_it_refuses(mac):  # noqa: F811
    refused = run(["sysctl", "-n", "kern.nothing"])
    assert (refused.code, refused.message) == (1, "sysctl: unknown oid 'kern.nothing'")


def test_a_caller_is_killed_just_where_a_test_wants_it(mac):  # noqa: F811
    for when in ("before", "after"):
        mac.kill_at(len(mac.calls) + 2, when)
        child = os.fork()
        if child == 0:
            for _ in range(3):
                system.boot_id()
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert len(mac.calls) == 4
