"""The verify stage runs where only the controller's packages are installed: none of those of who develops."""

import json
import os
import subprocess
import sys
from pathlib import Path

from fleet_controller.hosts.testinfra_run import inventory

from plugins.action import stress_verify

ROOT = Path(__file__).parents[4]


def test_it_imports_nothing_that_a_controller_does_not_have(tmp_path):
    (tmp_path / "hypothesis.py").write_text("raise ModuleNotFoundError('not on a controller')")
    (tmp_path / "hosts.json").write_text("{}")
    argv = [sys.executable, *stress_verify._pytest({"here": {}}, tmp_path)[1:], "--collect-only"]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    told = subprocess.run(
        argv,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        input=json.dumps(inventory({"here": {"ansible_connection": "local"}})),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "not on a controller" not in told.stdout + told.stderr
    assert told.returncode == 0, told.stdout + told.stderr
