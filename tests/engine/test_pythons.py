"""The engine runs on every Python of a host from 3.9 on: each one that this machine has runs a plan."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import jmespath
import psutil
import pytest

from fleet_stress.store import layout

from .conftest import BASELINE, RUN, bots_of, result, scenario, send, start, verdicts, wait

PROJECT = Path(layout.__file__).parents[2]
RESTART = scenario("restart", [start(9999), wait("first_cycle"), send("TERM"), start(2), wait("exit")])


def pythons():
    """One interpreter of each minor version from 3.9 on, wherever people keep them."""
    places = [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    places += sorted((Path.home() / ".pyenv/versions").glob("*/bin"))
    found = {}
    for folder in places:
        for candidate in folder.glob("python3.*"):
            version = re.fullmatch(r"python3\.(\d+)", candidate.name)
            if version and int(version[1]) >= 9:
                found.setdefault(int(version[1]), candidate)
    return [path for _, path in sorted(found.items())]


def test_this_machine_has_one():
    assert pythons()


@pytest.mark.parametrize("python", pythons(), ids=lambda path: path.name)
def test_a_plan_runs_on_it(python, make_plan, stress_dir):
    environment = stress_dir / "engine" / python.name
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    [packages] = environment.glob("lib/python3.*/site-packages")
    # psutil's extension module keeps to the stable ABI, so one build serves every version.
    shutil.copytree(Path(psutil.__file__).parent, packages / "psutil")
    shutil.copytree(Path(jmespath.__file__).parent, packages / "jmespath")
    (packages / "project.pth").write_text(f"{PROJECT}\n")
    plan = make_plan([BASELINE, RESTART])
    hand_over = (
        "import json, sys; from fleet_stress.run.handover import hand_over;"
        " print(json.dumps(hand_over(json.load(sys.stdin))))"
    )

    answer = subprocess.run(
        [environment / "bin/python", "-W", "error", "-c", hand_over],
        input=json.dumps(plan),
        capture_output=True,
        text=True,
        check=False,
    )

    assert answer.returncode == 0, answer.stderr
    found = result(json.loads(answer.stdout)["run_dir"])
    assert found["system"]["python"].startswith(python.name[len("python") :])
    assert verdicts(found) == {"baseline": "passed", "restart": "passed"}
    assert bots_of(RUN) == []
