"""``stress_verify``: run the tests in tests/hosts over all hosts of a run. Documented in ``library/``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fleet_controller.ansible.action import Action
from fleet_controller.catalogue.project import Project
from fleet_controller.hosts.testinfra_run import inventory
from fleet_controller.untrusted.atomic_files import write_atomic

#: Longest time in seconds for all hosts together: a deadline.
WITHIN = 900
#: What the tests are told of each host.
_OF_HOST = ("stress_dir", "user", "engine_python", "become")


class ActionModule(Action):
    """Runs on the controller alone, once for all hosts; pytest-testinfra has connections of its own."""

    _requires_connection = False
    name = "stress_verify"
    needed = ("hosts", "results_dir", "run_id")
    os_error = "what was verified cannot be written"

    def answer(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Run pytest once; ``findings`` are sentences by host, and any of them fails the task."""
        if self._task.check_mode:
            return {"changed": False, "skipped": True, "msg": "nothing has run", "findings": {}}
        hosts = {str(host["name"]): host for host in self.of_hosts("hosts", *_OF_HOST)}
        folder = Path(self.text("results_dir"), self.text("run_id"), "verify").resolve()
        expected = {name: {key: item[key] for key in _OF_HOST} for name, item in hosts.items()}
        write_atomic(folder / "hosts.json", expected)
        (folder / "findings.json").unlink(missing_ok=True)
        try:
            done = subprocess.run(
                _pytest(hosts, folder),
                cwd=Project().root,
                env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
                input=json.dumps(inventory({name: task_vars["hostvars"][name] for name in hosts})),
                capture_output=True,
                text=True,
                timeout=WITHIN,
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = (
                f"could not be verified within {WITHIN} s; see {folder / 'pytest.txt'}, then verify again"
            )
            return {"failed": True, "msg": message, "findings": {name: [message] for name in hosts}}
        (folder / "pytest.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
        try:
            findings = json.loads((folder / "findings.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            findings = {}
        if done.returncode and not findings:
            message = (done.stdout + done.stderr).strip()[-600:]
            findings = {name: [f"could not be verified: {message}"] for name in hosts}
        result: dict[str, Any] = {"changed": False, "findings": findings}
        if findings:
            lines = [f"{name}: {item}" for name, found in sorted(findings.items()) for item in found]
            message = "\n".join([*lines, f"all of it: {folder / 'pytest.txt'}"])
            result.update(failed=True, msg=f"not as it should be after the run:\n{message}")
        return result


def _pytest(hosts: dict[str, Any], folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "fleet_controller.hosts.testinfra_run", "tests/hosts"),
        *("-q", "-p", "no:cacheprovider", "--color=no"),
        # Alone: what else is installed for pytest costs a second, and has no part in this.
        *("-p", "testinfra.plugin"),
        # The other tests' conftest needs what only who develops has installed.
        "--confcutdir=tests/hosts",
        f"--hosts={','.join(f'ansible://{name}' for name in sorted(hosts))}",
        f"--stress-hosts={folder / 'hosts.json'}",
        f"--stress-findings={folder / 'findings.json'}",
        f"--junitxml={folder / 'junit.xml'}",
        *("-o", "addopts=", "-o", "timeout=0", "-W", "ignore::pytest.PytestConfigWarning"),
    ]
