"""What is held, halted and recovered by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.hold_request import hold

from fleet_stress.recovery import host_lock
from fleet_stress.recovery.manual import records, volume
from tests.as_module import loaded
from tests.messages.scenes.common import SINCE, Told, _marked, _tell
from tests.unit.controller.conftest import BOT


def held_while_a_run_is_alive(tmp: Path) -> None:
    alive = {"pid": 4711, "since": SINCE, "run_id": "r1"}
    with (
        mock.patch.object(host_lock, "run_here", return_value=alive),
        records.Records(_marked(tmp), "network_block") as held,
    ):
        held.grant(10.0)


def volume_on_a_link(tmp: Path) -> None:
    (tmp / "folder").mkdir()
    (tmp / "link").symlink_to("folder")
    volume.check(volume.HeldVolume(tmp, tmp / "link", 1, None, (0, 0)))


def volume_on_files(tmp: Path) -> None:
    (tmp / "folder").mkdir()
    (tmp / "folder/precious.txt").touch()
    volume.check(volume.HeldVolume(tmp, tmp / "folder", 1, None, (0, 0)))


def volume_on_a_mount(tmp: Path) -> None:
    (tmp / "folder").mkdir()
    there = mock.Mock(point=str(tmp / "folder"), source="/dev/sdb1")
    with mock.patch.object(volume.system, "mounts", return_value=[there]):
        volume.check(volume.HeldVolume(tmp, tmp / "folder", 1, None, (0, 0)))


def hold_no_hosts(tmp: Path) -> None:
    (tmp / "tiny.yml").write_text(BOT, encoding="utf-8")
    hold({"fault": "network_block", "for": "10m", "bot": str(tmp / "tiny.yml")}, Project())


def hold_hosts_of_an_arena(_tmp: Path) -> None:
    hold({"fault": "network_block", "for": "10m", "bot": "reference"}, Project())


def held_already(_tmp: Path) -> None:
    from tests.messages.ways import answer

    asked = {
        "fault": "network_block",
        "for": "10m",
        "against": "192.0.2.9",
        "stress_dir": "/x",
        "user": "bot",
    }
    with (
        mock.patch("ansible.plugins.action.ActionBase._execute_module", return_value={"changed": False}),
        mock.patch("signal.signal"),
    ):
        raise Told(answer("stress_hold", asked)["msg"])


def _in_module(path: str, failed: list[str], **params: Any) -> None:
    """A module of library/ whose engine could not undo something."""
    module = loaded(path)
    made = mock.Mock(params=params, check_mode=False)
    made.fail_json.side_effect = lambda msg, **_: _tell(msg)
    with (
        mock.patch.object(module, "AnsibleModule", return_value=made),
        mock.patch.object(module, "recover", return_value={"failed": failed, "undone": [], "changed": True}),
    ):
        module.main()


_STAYED = ["mount /var/lib/fleet-stress/runs/r1/arenas/a: still there after undoing"]


def halt_does_not_undo(tmp: Path) -> None:
    asked = {"stress_dir": str(_marked(tmp)), "state": "halted", "reason": "power cut", "by": "ada@desk"}
    _in_module("library/stress_halt.py", _STAYED, **asked)


def recover_does_not_undo(tmp: Path) -> None:
    _in_module("library/stress_recover.py", _STAYED, stress_dir=str(tmp), keep=None, force=False)
