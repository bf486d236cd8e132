"""``read_only``: a real folder that a real user can write, cannot, and can again."""

import errno
import pwd

import pytest

from fleet_stress import system
from fleet_stress.faults.disk.read_only import ReadOnly
from fleet_stress.faults.site import Where
from fleet_stress.observe.bot_files import Tracked
from fleet_stress.system.process import User
from tests.unit.engine.faults import volumes
from tests.unit.engine.faults.conftest import applied, make_site

pytestmark = [pytest.mark.linux, pytest.mark.root]
NOBODY = User("nobody", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)


@pytest.fixture
def site(tmp_path):
    for path in (tmp_path, *tmp_path.parents):
        if path.name.startswith(("test_", "pytest-", "popen-")):
            path.chmod(0o755)
    with volumes.of_our_own():
        site = make_site(tmp_path, private_mounts=True, user=NOBODY)
        (tmp_path / "state").chmod(0o777)
        log = Tracked("errors", "log/errors.log", tmp_path / "log/errors.log", "text", (), None)
        yield site._replace(files={"errors": log})


def say(site, line):
    with site.files["errors"].path.open("a") as stream:
        stream.write(line)


def test_it_stands_and_goes_and_the_bot_met_it(site, tmp_path):
    say(site, "[Errno 30] Read-only file system: yesterday\n")
    fault = applied(ReadOnly, site, {})
    with pytest.raises(OSError, match="Read-only") as problem:
        (tmp_path / "state/x").write_text("x")
    assert problem.value.errno == errno.EROFS
    assert fault.hits() == 0, "what was said before does not count"
    say(site, "could not save: [Errno 30] Read-only file system: 'state/x'\nopen failed: EROFS\n")
    assert fault.hits() == 2

    proof = fault.prove()

    assert proof.took_effect
    trials = [proof.details[name] for name in ("trial_before", "trial_first", "trial_last")]
    assert trials == ["well", "EROFS", "EROFS"]
    assert fault.revert() == {"trial": "well"}
    (tmp_path / "state/x").write_text("x")
    assert all(mount.point != str(tmp_path / "state") for mount in system.mounts())


def test_a_bot_that_never_met_it_proves_nothing(site):
    fault = applied(ReadOnly, site, {})
    proof = fault.prove()
    fault.revert()

    assert not proof.took_effect
    assert "nothing that the bot printed or logged says `Read-only file system`" in proof.details["why"]


def test_a_folder_that_could_not_be_written_before_proves_nothing(site, tmp_path):
    (tmp_path / "state").chmod(0o700)
    fault = applied(ReadOnly, site, {})
    say(site, "EROFS\n")
    proof = fault.prove()
    fault.revert()

    assert not proof.took_effect
    assert "could not write there before either: EACCES" in proof.details["why"]


def test_one_that_was_taken_away_by_others_did_not_stand(site, tmp_path):
    fault = applied(ReadOnly, site, {})
    say(site, "EROFS\n")
    system.unmount(tmp_path / "state")
    proof = fault.prove()
    system.mount_read_only(tmp_path / "state")
    fault.revert()

    assert not proof.took_effect


def test_without_a_namespace_nothing_is_mounted(tmp_path):
    with pytest.raises(OSError, match="others would see"):
        applied(ReadOnly, make_site(tmp_path), {})


def test_it_is_tried_before_it_is_promised(tmp_path, monkeypatch):
    before = system.mounts()
    assert ReadOnly.supported(Where(tmp_path, {}, None), {}) is None
    assert system.mounts() == before
    monkeypatch.setattr(system, "why_no_private_read_only", lambda: "Operation not permitted")
    assert "Operation not permitted" in ReadOnly.supported(Where(tmp_path, {}, None), {}).reason
