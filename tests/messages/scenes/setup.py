"""A checkout, a lab and an Ansible that are not as they should be."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

from ansible.release import __version__ as ansible_version
from fleet_controller.hosts import engine_wheels

from lab import record
from lab.lab import Lab, _await_ready, _take
from tests.messages.catalogue import ROOT
from tests.messages.scenes.common import Told


def pip_fails(_tmp: Path) -> None:
    engine_wheels.pip("no-such-command")


def no_wheel(tmp: Path) -> None:
    (tmp / "host.lock").write_text("psutil==7.0.0")
    said = engine_wheels.GatherError("No matching distribution found for psutil==7.0.0")
    with mock.patch.object(engine_wheels, "pip", side_effect=said):
        engine_wheels.fetched_wheels("Linux/s390x/musl", tmp / "host.lock", tmp)


def lab_of_too_many(tmp: Path) -> None:
    Lab.up(tmp, 1000)


def lab_twice(tmp: Path) -> None:
    with mock.patch("fcntl.flock", side_effect=BlockingIOError):
        _take(0, record.Folder(tmp))


def lab_among_files(tmp: Path) -> None:
    (tmp / "precious.txt").touch()
    with mock.patch("fcntl.flock"):
        _take(0, record.Folder(tmp))


def lab_does_not_come_up(tmp: Path) -> None:
    folder = record.Folder(tmp)
    folder.log.write_text("mount: Operation not permitted")
    _await_ready(folder, mock.Mock(**{"poll.return_value": 1}))


def _set_up(tmp: Path, python: str = "", **environment: str) -> None:
    """requirements/setup.sh in a checkout with a Python that does only what ``python`` says; none if empty."""
    (tmp / "requirements").mkdir()
    (tmp / "bin").mkdir()
    program = (ROOT / "requirements/setup.sh").read_text().replace("/usr/bin/python3", str(tmp / "none"))
    (tmp / "requirements/setup.sh").write_text(program)
    for name in ("dirname", "uname", "cksum", "cat", "rm", "mkdir", "cp"):
        (tmp / "bin" / name).symlink_to(str(shutil.which(name)))
    programs = {"apt-get": "exit 1", "id": 'echo "$UID_OF_TEST"', **({"python3": python} if python else {})}
    for name, text in programs.items():
        (tmp / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp / "bin" / name).chmod(0o755)
    (tmp / "requirements/controller.lock").touch()
    done = subprocess.run(
        ["/bin/sh", tmp / "requirements/setup.sh", "controller"],
        env={"PATH": f"{tmp}/bin", **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr
    raise Told(done.stderr.splitlines()[-1])


def setup_without_python(tmp: Path) -> None:
    _set_up(tmp)


_NO_ENSUREPIP = 'case "$*" in *ensurepip*) exit 1 ;; esac'


def setup_without_ensurepip(tmp: Path) -> None:
    _set_up(tmp, _NO_ENSUREPIP, UID_OF_TEST="1000")


def setup_where_apt_fails(tmp: Path) -> None:
    _set_up(tmp, _NO_ENSUREPIP, UID_OF_TEST="0")


def setup_without_an_index(tmp: Path) -> None:
    python = """case "$*" in
    "-m venv "*) mkdir -p "$3/bin" "$3/packages"; cp "$0" "$3/bin/python" ;;
    "-m pip "*) echo "ERROR: no index" >&2; exit 1 ;;
    *purelib*) echo "${0%/bin/python}/packages" ;;
esac"""
    _set_up(tmp, python, UID_OF_TEST="0")


def setup_without_a_command(tmp: Path) -> None:
    python = """case "$*" in
    "-m venv "*) mkdir -p "$3/bin" "$3/packages"; cp "$0" "$3/bin/python" ;;
    *--editable*) echo "ERROR: no setuptools" >&2; exit 1 ;;
    "-m pip "*) ;;
    *purelib*) echo "${0%/bin/python}/packages" ;;
esac"""
    _set_up(tmp, python, UID_OF_TEST="0")


#: An Ansible that does not know where our plugins' own modules are: one of the system, for example.
_FOREIGN = """
import sys
sys.path = [path for path in sys.path if path not in ("", {root!r}, {root!r} + "/plugins")]
sys.argv = ["ansible-playbook", "stress.yml", "--check"]
from ansible.cli.playbook import main
main()
"""


def another_ansible(_tmp: Path) -> None:
    said = _ansible([sys.executable, "-c", _FOREIGN.format(root=str(ROOT))], ROOT)
    raise Told(said.removeprefix("[ERROR]: ").strip().replace(ansible_version, "2.19"))


def outside_of_the_project(tmp: Path) -> None:
    command = str(Path(sys.executable).with_name("ansible-playbook"))
    said = _ansible([command, str(ROOT / "stress.yml")], tmp)
    block = said.partition("[ERROR]: ")[2].partition("\nOrigin:")[0]
    raise Told(block.replace(str(ROOT), "/srv/fleet-stress"))


def no_file_of_variables(tmp: Path) -> None:
    command = str(Path(sys.executable).with_name("ansible-playbook"))
    said = _ansible([command, "stress.yml", "-e", f"@{tmp}/mine.yml"], ROOT)
    (line,) = dict.fromkeys(text for text in said.splitlines() if text.startswith("Could not find or access"))
    raise Told(line)


def _ansible(command: list[str], folder: Path) -> str:
    environment = {**os.environ, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert ran.returncode != 0
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran.stderr
