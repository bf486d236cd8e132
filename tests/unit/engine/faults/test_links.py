"""What a bot's user puts in the way of root: links of both kinds, pipes, swapped folders. Nothing comes of it."""

import contextlib
import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from fleet_stress.faults.disk.corrupt import Corrupt
from fleet_stress.observe import bot_files
from fleet_stress.observe.evidence import Evidence
from fleet_stress.observe.snapshot import Snapshots
from fleet_stress.system import ram_volume
from tests.unit.engine.adversary import BOT
from tests.unit.engine.faults.conftest import applied, make_site

pytestmark = [pytest.mark.root, pytest.mark.linux]

SECRET = b"root:$y$j9T$CANARY\n"


@pytest.fixture
def secret(tmp_path):
    """A file that root alone may read."""
    path = tmp_path / "private/shadow"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(SECRET)
    path.chmod(0o600)
    return path


@pytest.fixture
def state(tmp_path):
    """A bot's state folder."""
    folder = tmp_path / "arena/state"
    folder.mkdir(parents=True)
    os.chown(folder, BOT.uid, BOT.gid)
    return folder


def planted(state, secret, kind):
    """What a bot may put at ``sub/ledger.json``; returns that path."""
    path = state / "sub/ledger.json"
    path.parent.mkdir()
    os.chown(path.parent, BOT.uid, BOT.gid)
    if kind == "link":
        path.symlink_to(secret)
    elif kind == "other name":
        path.hardlink_to(secret)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.parent.rmdir()
        (secret.parent / "ledger.json").write_bytes(SECRET)
        path.parent.symlink_to(secret.parent)
    return path


KINDS = ["link", "other name", "pipe", "linked folder"]


def content_below(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_what_root_alone_may_read_does_not_get_into_evidence(tmp_path, state, secret, kind):
    path = planted(state, secret, kind)
    evidence = Evidence(tmp_path / "evidence", "told", "9")
    snapshots = Snapshots(
        evidence, {"state": state}, {"state/sub/ledger.json": path}, ["state/sub/ledger.json"]
    )

    snapshots.take("snapshots/01-after")

    evidence.store()
    assert SECRET not in content_below(tmp_path / "evidence")
    assert bot_files.digest(SECRET).encode() not in content_below(tmp_path / "evidence")
    assert bot_files.read_regular(path) is None
    assert bot_files.read_tail(path, 100) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "how",
    [
        *({"text": "x"}, {"empty": True}, {"truncate_at": 0}, {"mode": "0666"}, {"remove": True}),
        *({"folder": True}, {"dangling_link": True}, {"wrong_shape": True}),
    ],
    ids=lambda how: next(iter(how)),
)
def test_what_is_corrupted_is_the_bots_and_never_what_a_link_leads_to(tmp_path, state, secret, kind, how):
    path = planted(state, secret, kind)
    site = make_site(tmp_path / "arena", user=BOT)
    tracked = bot_files.Tracked("ledger", "state/sub/ledger.json", path, "json", (), None)
    before = secret.stat()

    with contextlib.suppress(OSError):
        applied(Corrupt, site._replace(files={"ledger": tracked}), {"file": "ledger", **how})

    assert secret.read_bytes() == SECRET
    assert (secret.stat().st_mode, secret.stat().st_uid) == (before.st_mode, before.st_uid)
    assert sorted(item.name for item in secret.parent.iterdir()) == (
        ["ledger.json", "shadow"] if kind == "linked folder" else ["shadow"]
    )
    for item in secret.parent.iterdir():
        assert item.read_bytes() == SECRET


def test_a_link_of_roots_own_on_the_way_is_followed_and_one_that_anybody_could_put_there_is_not(
    tmp_path, secret
):
    for_anybody = tmp_path / "for_anybody"
    for_anybody.mkdir()
    for_anybody.chmod(0o1777)  # as /tmp
    (for_anybody / "way").symlink_to(secret.parent)
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-test-", dir="/var/lib"))
    try:
        (folder / "real").mkdir()
        (folder / "real/x").write_bytes(b"x")
        (folder / "way").symlink_to("real")

        assert bot_files.read_regular(folder / "way/x") == b"x"
        assert bot_files.read_regular(for_anybody / "way/shadow") is None
    finally:
        shutil.rmtree(folder)


def test_a_volume_gets_what_a_bot_has_and_nothing_through_its_links(tmp_path, state, secret):
    (state / "own.json").write_bytes(b"{}")
    os.chown(state / "own.json", BOT.uid, BOT.gid)
    (state / "link").symlink_to(secret)
    target = tmp_path / "volume"
    target.mkdir()

    ram_volume.replace_content(state, target)

    assert (target / "link").is_symlink()
    assert stat.S_ISREG((target / "own.json").stat().st_mode)
    assert (target / "own.json").stat().st_uid == BOT.uid
    assert SECRET not in b"".join(path.read_bytes() for path in target.rglob("*") if not path.is_symlink())
