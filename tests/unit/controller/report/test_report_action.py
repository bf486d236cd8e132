"""The task ``stress_report`` in a real play: exit code, table, files, and that nothing is done twice."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[4]
FAILED = ("failed", "start 2 exited \x1b[31m1")
#: Ansible's own callback says how much was changed.
RECAP = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default"}


@pytest.fixture
def report(run, tmp_path):
    """Runs the task; returns exit code and what was shown."""

    def play(*options, **arguments):
        task = {"stress_report": {"results_dir": str(run.results_dir), **arguments}, "run_once": True}
        one = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        playbook = tmp_path / "play.yml"
        playbook.write_text(yaml.safe_dump([one]), encoding="utf-8")
        command = Path(sys.executable).with_name("ansible-playbook")
        ran = subprocess.run(
            [command, "-i", "localhost,", *options, playbook],
            cwd=ROOT,
            env={**os.environ, **RECAP, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return ran.returncode, ran.stdout + ran.stderr

    return play


@pytest.mark.slow
def test_a_run_that_was_survived(run, report):
    run.begin("h1")
    run.comes_back("h1")
    code, shown = report("--check")
    assert (code, "3 passed on 1 host" in shown, "changed=0" in shown) == (0, True, True)
    assert not (run.folder / "results.json").exists(), "check mode writes nothing"
    assert not (run.results_dir / "index.html").exists()
    code, shown = report(run_id=run.run_id)
    assert (code, "changed=1" in shown) == (0, True), shown
    assert run.run_id in (run.results_dir / "index.html").read_text(encoding="utf-8")
    closed = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert (closed["state"], closed["verdict"], closed["counts"]["passed"]) == ("finished", "passed", 3)
    code, shown = report()
    assert (code, "changed=0" in shown) == (0, True), "the same evidence, the same report"
    kept = sorted(path.name for path in (run.folder / "hosts/h1/evidence").iterdir())
    assert kept == ["baseline.tar.gz", "corrupt_state.tar.gz", "sigkill_restart.tar.gz"]
    named = run.collect()["hosts"]["h1"]["scenarios"][0]["evidence"]
    assert named == "hosts/h1/evidence/baseline.tar.gz"
    code, shown = report(run_id=run.run_id, pack=False)
    assert code == 0, shown
    assert (run.folder / "hosts/h1/evidence/baseline").is_dir()


@pytest.mark.slow
def test_a_run_that_was_not(run, report):
    run.begin("h1", "h2")
    run.comes_back("h1", sigkill_restart=FAILED)
    code, shown = report(problems={"h2": "UNREACHABLE: no route to host"}, verify={}, fail_on="failed")
    assert code == 2
    assert "FAILED: 1 failed, 1 host not run; see " in shown
    assert "again:   ansible-playbook stress.yml -i localhost, -l h1 " in shown
    assert "\x1b" not in shown
    assert (run.folder / "junit.xml").is_file()
    assert json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["state"] == "finished"


@pytest.mark.slow
def test_a_wrong_word_is_told_before_anything_is_written(run, report):
    run.begin("h1")
    code, shown = report(fail_on="fialed")
    assert (code, "did you mean `failed`?" in shown) == (2, True)
    assert not (run.folder / "results.json").exists()
