"""The Python shim as a way of the faults on a faulty file system: who gets it, and what the evidence says of it."""

import os
import subprocess

import pytest

from fleet_stress.faults.disk import by_fuse, by_python, covering, faulty_fs, slow_disk
from fleet_stress.faults.protocol import Unsupported
from fleet_stress.faults.site import Where
from tests.engine.conftest import usable_python
from tests.unit.engine.faults.conftest import applied, changed, make_site

PYTHON_BOT = {
    "argv": ["${python}", "main.py"],
    "python": usable_python(),
    "hosts": [],
    "modules": [],
    "environment": {},
}
LATE = {"latency": 0.01, "by": "python"}


@pytest.fixture
def site(tmp_path):
    return make_site(tmp_path, bot=PYTHON_BOT)


@pytest.fixture
def no_fuse(monkeypatch):
    monkeypatch.setattr(by_fuse, "_cannot", lambda _: Unsupported("no FUSE", "FUSE"))

    def refuse(*_):
        raise OSError("not mounted")

    monkeypatch.setattr(by_fuse, "FuseMount", refuse)


def touch(site, name="a"):
    program = "import sys; open(sys.argv[1], 'w').close()"
    path = f"{site.places['state_dir']}/{name}"
    return subprocess.run(
        [usable_python(), "-c", program, path],
        env=site.next_start.environment,
        capture_output=True,
        check=False,
    )


def test_it_is_met_proved_and_taken_away(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    touch(site)
    assert fault.hits() == 1
    proof = fault.prove()
    assert proof.took_effect
    told = proof.details["folders"]["state"]
    assert (told["by"], told["stood"], told["operations"]) == ("python", True, {"create": 1})
    assert told["cannot_see"] and told["noticed"] == []
    assert slow_disk.SlowDisk(site, LATE).undo() == ()
    assert fault.revert() == {"mounted": None}
    assert site.next_start.environment == {}
    assert '"op": "create"' in (site.evidence / told["log"]).read_text()


def test_when_no_python_started_with_it_it_did_not_bite(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    proof = fault.prove()
    fault.revert()
    assert not proof.took_effect
    assert proof.details["why"] == "no operation of the bot was delayed"


def test_where_it_cannot_begin_the_bot_is_not_to_blame(site):
    fault = applied(slow_disk.SlowDisk, site, LATE)
    (site.scratch / "python_shim/code/fleet_stress/faulty_fs/shipped/rules.py").write_text(
        "raise RuntimeError('broken')"
    )
    assert touch(site).returncode == 0
    assert not fault.prove().took_effect
    with pytest.raises(OSError, match="could not start in a Python of the bot: RuntimeError: broken"):
        fault.revert()
    assert site.next_start.environment == {}


def test_two_folders_and_another_fault_in_whatever_order(site):
    both = {"folder": "both", "rules": [], "by": "python"}
    site.next_start.environment["PYTHONPATH"] = "/others"
    fault = applied(faulty_fs.FaultyFs, site, both)
    with pytest.raises(OSError, match="already"):
        applied(slow_disk.SlowDisk, site, LATE)
    touch(site)
    site.next_start.environment["PYTHONPATH"] = f"/later:{site.next_start.environment['PYTHONPATH']}"
    assert fault.prove().took_effect
    fault.revert()
    assert site.next_start.environment["PYTHONPATH"] == "/later:/others"


def test_it_stands_in_where_there_is_no_fuse(site, no_fuse, tmp_path):
    assert covering.supported(Where(tmp_path, PYTHON_BOT, None), {}) is None
    site = changed(site, private_mounts=True)
    fault = applied(slow_disk.SlowDisk, site, {"latency": 0.01})
    assert [item.by for item in fault._placed.values()] == ["python"]
    fault.revert()
    with pytest.raises(OSError, match="not mounted"):
        applied(slow_disk.SlowDisk, site, {"latency": 0.01, "by": "fuse"})


def test_trouble_with_a_file_system_that_works_here_is_trouble(site, no_fuse, monkeypatch):
    monkeypatch.setattr(by_fuse, "_cannot", lambda _: None)
    with pytest.raises(OSError, match="not mounted"):
        applied(slow_disk.SlowDisk, changed(site, private_mounts=True), {"latency": 0.01})


@pytest.mark.parametrize(
    ("argv", "why"),
    [
        (["${python}", "-u", "main.py"], None),
        (["${python}", "-X", "importtime", "-W", "error", "-m", "bot", "-I"], None),
        (["/opt/bot/bin/python3.11", "main.py", "-E"], None),
        (["./bot"], "begins with ./bot"),
        (["node", "main.js"], "begins with node"),
        (["${python}", "-uE", "main.py"], "told not to look outside"),
        (["${python}", "-X", "dev", "-S", "main.py"], "told not to look outside"),
    ],
)
def test_who_runs_on_python_is_read_off_the_command(tmp_path, no_fuse, argv, why):
    cannot = covering.supported(Where(tmp_path, {"argv": argv}, None), {})
    assert (cannot is None) if why is None else (why in cannot.reason and "no FUSE" in cannot.reason)


def test_it_is_tried_in_the_bots_python(tmp_path):
    (tmp_path / "python3").write_text(f'#!/bin/sh\nexec {usable_python()} -I "$@"\n')
    (tmp_path / "python3").chmod(0o755)
    where = Where(tmp_path, {"argv": [str(tmp_path / "python3"), "main.py"]}, None)
    assert "it was not met" in by_python.supported(where, []).reason
    assert sorted(os.listdir(tmp_path)) == ["python3"]  # noqa: PTH208
    assert by_python.supported(Where(tmp_path, PYTHON_BOT, None), []) is None


def test_what_it_has_not_it_refuses(tmp_path, site):
    cut = {"rules": [{"on": ["fsync"], "at": 1, "kill": "after", "forget": "data"}], "by": "python"}
    with pytest.raises(OSError, match="has no forget"):
        applied(faulty_fs.FaultyFs, site, cut)
    assert site.next_start.environment == {}
    cannot = by_python.supported(Where(tmp_path, PYTHON_BOT, None), [{"on": ["any"], "forget": "data"}])
    assert cannot == Unsupported("its stand-in in Python has no `forget`", "FUSE on Linux")
