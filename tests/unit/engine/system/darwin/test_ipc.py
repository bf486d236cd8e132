"""What of System V a user left on a Mac, as ipcs(1) has it."""

import os
import pwd

from fleet_stress.system.darwin import ipc
from tests.doubles.fixture import mac  # noqa: F401


def test_objects_of_one_user_are_found_among_those_of_others(mac):  # noqa: F811
    name = pwd.getpwuid(os.getuid()).pw_name
    objects = [("m", 65536, name), ("m", 65537, "_postgres"), ("s", 196608, name), ("q", 7, "ada")]
    with mac.state() as state:
        state["ipcs"] = [dict(zip(("kind", "id", "owner"), each, strict=True)) for each in objects]

    assert ipc.ipc_objects(os.getuid()) == [
        "shared memory 65536 (key 0x00000000)",
        "semaphores 196608 (key 0x00000000)",
    ]
