"""A folder on which the file system stands, in a mount namespace of the test's own."""

import contextlib
import os
import pwd
import secrets
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest

from fleet_stress.faults.disk import covering
from fleet_stress.faults.site import Where
from fleet_stress.faulty_fs.mount import FuseMount, Order
from tests.unit.engine.faults import volumes

NOBODY = pwd.getpwnam("nobody")


class Stand(NamedTuple):
    """``top`` is what a bot sees, ``below`` the same folder as the engine sees it."""

    top: object
    below: object
    mounted: FuseMount


@pytest.fixture(scope="session")
def able(tmp_path_factory):
    if os.geteuid() != 0 or sys.platform != "linux":
        pytest.skip("needs root on Linux")
    cannot = covering.supported(Where(tmp_path_factory.mktemp("try"), {}, None), {"by": "fuse"})
    if cannot:
        pytest.skip(cannot.reason)


@pytest.fixture
def place():
    """A folder that nobody gets to: pytest keeps its own from others, and other sessions of it do so meanwhile."""
    with tempfile.TemporaryDirectory(prefix="fleet-stress-test-", dir="/var/lib") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def stand(able, place):
    """``stand([rules])``: the file system on a folder of nobody's, taken away in the end."""
    folder = place / "state"
    folder.mkdir()
    os.chown(folder, NOBODY.pw_uid, NOBODY.pw_gid)
    scratch = place / "scratch"
    scratch.mkdir()
    with contextlib.ExitStack() as stack:
        stack.enter_context(volumes.of_our_own())

        def make(rules=()):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            stack.callback(os.close, descriptor)
            order = Order(
                folder,
                # Of its own: a mount is found by its source wherever it is, also in what another test has made.
                f"fleet-stress:test/{secrets.token_hex(4)}",
                list(rules),
                NOBODY.pw_uid,
                scratch,
                scratch,
                "test/one",
                "one",
            )
            mounted = FuseMount(order)
            stack.callback(mounted.release)
            stack.callback(mounted.take_away)
            return Stand(folder, type(folder)(f"/proc/self/fd/{descriptor}"), mounted)

        yield make
