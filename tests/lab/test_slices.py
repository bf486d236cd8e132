"""A fleet in two slices by ansible-runner, as in docs/scale-out.md: transmit, worker, process, then one run of both."""

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
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the project is sent as git knows it"),
    pytest.mark.slow,
    pytest.mark.long,
    pytest.mark.timeout(1800),
]
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "ANSIBLE_NOCOLOR": "1",
}


def shell(words, folder, given=None):
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", words],
        cwd=folder,
        capture_output=True,
        text=True,
        input=given or "",
        env=ENVIRONMENT,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab.up(tmp_path_factory.mktemp("slices") / "lab", 4) as up:
        yield up


def test_two_slices_by_runner_are_one_run_of_all_hosts(lab, tmp_path):
    data = tmp_path / "data"
    for name in ("project", "env"):
        (data / name).mkdir(parents=True)
    # What git knows, and what nobody has committed yet; not what has just been deleted.
    known = shell("git ls-files --cached --others --exclude-standard --deduplicate", ROOT).splitlines()
    files = "\n".join(name for name in known if (ROOT / name).is_file())
    shell(f"tar -c -T - | tar -x -C {data}/project", ROOT, files)
    extras = {
        "scenarios": "sigterm",
        "stress_results_dir": "{{ lookup('ansible.builtin.env', 'AWX_ISOLATED_DATA_DIR') }}/results",
        "stress_cache_dir": str(ROOT / ".cache"),
    }
    (data / "env/extravars").write_text(json.dumps(extras))
    (data / "env/envvars").write_text(json.dumps({"PYTHONPATH": "plugins:."}))

    for part in (1, 2):
        shell(
            f"ansible-runner transmit data -p stress.yml -i slice{part} --inventory {lab.inventory}"
            f" --cmdline '-e slice={part}/2' | ansible-runner worker --private-data-dir worker{part}"
            f" | ansible-runner process data -i slice{part}",
            tmp_path,
        )
    slices = [data / f"artifacts/slice{part}/results" for part in (1, 2)]
    merged = tmp_path / "merged"
    for _ in range(2):
        shell(
            f"ansible-playbook -i nowhere, playbooks/report.yml -e stress_results_dir={merged}"
            f" -e merge={slices[0]},{slices[1]}",
            ROOT,
        )

    document = json.loads((merged / "latest/results.json").read_text())
    found = {
        name: {scenario["verdict"] for scenario in host["scenarios"]}
        for name, host in document["hosts"].items()
    }
    assert found == {name: {"passed"} for name in lab.hosts}
    assert len(list(merged.glob("2*"))) == 1, "the same merge is the same run"
    assert (merged / "latest" / document["hosts"][lab.hosts[3]]["scenarios"][0]["evidence"]).is_file()
    sources = [
        json.loads((folder / "latest/run.json").read_text())["bot_source"]["path"] for folder in slices
    ]
    assert sources == [str(tmp_path / f"worker{part}/project/reference_bot") for part in (1, 2)], (
        "of what was sent"
    )
