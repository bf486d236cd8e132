"""A host whose key is not the one that is known is left alone: told so, an error, and nothing is sent to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab import needs
from lab.lab import ROOT, Lab

LACKING = needs.missing()
pytestmark = [
    pytest.mark.skipif(bool(LACKING), reason="a lab cannot be had: " + "; ".join(LACKING)),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab.up(tmp_path_factory.mktemp("keys") / "lab", 3) as up:
        yield up


def stress(lab, results):
    """Exit code, what was said, and results.json of a run of the baseline on all hosts."""
    extra = {"stress_results_dir": str(results), "scenarios": "baseline"}
    playbook = Path(sys.executable).with_name("ansible-playbook")
    ended = subprocess.run(
        [playbook, "-i", lab.inventory, "-e", json.dumps(extra), "stress.yml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
    )
    return (
        ended.returncode,
        ended.stdout + ended.stderr,
        json.loads((results / "latest/results.json").read_text()),
    )


def test_a_changed_key_and_an_unknown_one_are_errors_and_the_others_go_on(lab, tmp_path):
    changed, unknown, good = lab.hosts
    known = lab.folder.known_hosts.read_text().splitlines()
    kept = {line.split(".")[0].split()[0].strip("["): line for line in known}
    lines = [f"{kept[changed].split()[0]} {kept[good].split(maxsplit=1)[1]}", kept[good]]
    lab.folder.known_hosts.write_text("\n".join(lines) + "\n")

    code, said, document = stress(lab, tmp_path / "results")

    assert code != 0
    hosts = document["hosts"]
    verdicts = {name: [scenario["verdict"] for scenario in host["scenarios"]] for name, host in hosts.items()}
    assert verdicts == {changed: ["error"], unknown: ["error"], good: ["passed"]}, said
    assert (
        "another host key than the one that is known here, so nothing was sent" in hosts[changed]["problem"]
    )
    assert "its host key is not known here" in hosts[unknown]["problem"]
    for name in (changed, unknown):
        assert "Host key verification failed" in hosts[name]["problem"]
        assert lab.changed_files(name) == []
        assert lab.processes(name) == []
    assert lab.changed_files(good) != []
