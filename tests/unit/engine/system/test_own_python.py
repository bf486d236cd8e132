"""Every process of ours imports the engine that is installed, and nothing that lies where a command is given."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fleet_controller.hosts.engine_command import engine_command

from fleet_stress import __version__
from fleet_stress.system import own_python

ROOT = Path(__file__).parents[4]


@pytest.fixture
def trap(tmp_path):
    """A folder that somebody else may write to; what is imported from it leaves a file ``imported``."""
    code = f"open({str(tmp_path / 'imported')!r}, 'w').close()\n"
    (tmp_path / "fleet_stress").mkdir()
    for name in ("fleet_stress/__init__.py", "fleet_stress/__main__.py", "sitecustomize.py", "argparse.py"):
        (tmp_path / name).write_text(code)
    return tmp_path


@pytest.mark.parametrize("path", ["", ":", "{trap}"], ids=["none", "current folder", "named"])
@pytest.mark.parametrize("side", ["engine", "controller"])
def test_nothing_is_imported_from_the_folder_or_the_path_that_it_is_started_with(trap, path, side):
    if side == "engine":
        command = own_python.argv("fleet_stress", "--version")
    else:
        command = ["/bin/sh", "-c", engine_command(sys.executable, "--version")]
    environment = {**os.environ, "PYTHONPATH": path.format(trap=trap)}

    said = subprocess.run(
        command, cwd=trap, env=environment, capture_output=True, text=True, check=True
    ).stdout

    assert said == f"fleet-stress {__version__}\n"
    assert not (trap / "imported").exists()


def test_words_for_a_hosts_shell_are_quoted():
    assert (
        engine_command("/a b/python", "follow", "$(id)") == "'/a b/python' -I -m fleet_stress follow '$(id)'"
    )


def test_no_process_of_ours_is_started_in_another_way():
    started = re.compile(r"""(?<!-I )-m fleet_stress|["']-m["'], ["']fleet_stress""")
    places = [*ROOT.glob("fleet_stress/**/*.py"), *ROOT.glob("library/*.py"), *ROOT.glob("roles/**/*.yml")]
    places += [
        *ROOT.glob("playbooks/**/*.yml"),
        *ROOT.glob("plugins/action/*.py"),
        *ROOT.glob("tests/hosts/*.py"),
    ]

    assert [str(path.relative_to(ROOT)) for path in places if started.search(path.read_text())] == []
