"""A new fault is one file and a new check is one file: nothing lists them, so nothing else has to be touched."""

import getpass
import json
import os
import shutil
import subprocess
import sysconfig
import tempfile
import venv
from pathlib import Path

import pytest

from fleet_stress.recovery.recover import recover
from fleet_stress.store import layout
from tests import in_memory

from .conftest import usable_python

ROOT = Path(__file__).parents[2]
FAULT = '''
"""``nudged``: the bot gets a variable that means nothing."""

from fleet_stress.faults.protocol import Fault, Proof


class Nudged(Fault):
    name = "nudged"
    title = "a variable that means nothing"
    schema = {
        "type": "object",
        "description": "Give the next start a variable.",
        "additionalProperties": False,
        "required": ["value"],
        "properties": {"value": {"type": "string", "description": "Its value."}},
    }

    def apply(self):
        self.site.next_start.environment["NUDGED"] = self.arguments["value"]

    def prove(self):
        return Proof(True, {"value": self.arguments["value"]})

    def revert(self):
        return {"was": self.site.next_start.environment.pop("NUDGED")}
'''
CHECK = '''
"""``started_times``: the bot was started so many times."""

from fleet_stress.judge.checks.protocol import Check


class StartedTimes(Check):
    title = "the bot was started so many times"
    required = ("times",)
    arguments = {"times": {"type": "integer", "description": "How many."}}
    short = "times"

    def judge(self, case, arguments):
        if len(case.starts) != arguments["times"]:
            yield self.failed("starts", f"the bot was started {len(case.starts)} times")
'''
SCENARIO = """---
id: nudge
row: "1.1"
title: Runs with a variable that means nothing
steps:
  - fault: {nudged: {value: gently}}
  - start: {max_cycles: 2, scan_interval: 0.2s}
  - wait: {until: exit}
  - lift: nudged
  - expect: [{started_times: TIMES}]
"""
#: Compiles, hands over and waits; the first argument is the host's place, then user, copy and Python of the bot.
PROGRAM = """
import json, os, sys, time
from pathlib import Path
from fleet_controller.catalogue.vocabulary import Vocabulary
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.planning.compile_plan import plan_of
from fleet_stress.recovery import host_lock
from fleet_stress.run.handover import hand_over

place, user, copy, python = sys.argv[1:]
vocabulary = Vocabulary.of_engine()
facts = {"cores": 2, "memory_mb": 4096}
plan = plan_of(
    compile_command("reference", "smoke", "nudge"),
    run_id=f"nudge-{os.getpid()}", host="here", facts=facts, stress_dir=place, user=user, copy=copy, python=python,
)
plan["scenarios"] = [scenario for scenario in plan["scenarios"] if scenario["id"] == "nudge"]
run = Path(hand_over(plan)["run_dir"])
until = time.monotonic() + 120
while (not (run / "result.json").exists() or host_lock.holder(Path(place))) and time.monotonic() < until:
    time.sleep(0.05)
[entry] = json.loads((run / "result.json").read_text())["scenarios"]
evidence = json.loads((run / "evidence/nudge/evidence.json").read_text())
print(json.dumps({
    "listed": ["nudged" in vocabulary.faults, "started_times" in vocabulary.checks],
    "entry": entry,
    "faults": evidence["faults"],
}))
"""


@pytest.fixture
def tree():
    """A copy of the product that the bots' user can reach, with a fault, a check and a place on this host."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-tree-", dir=in_memory.for_bots()))
    folder.chmod(0o755)
    for name in ("fleet_stress", "plugins", "schemas", "scenarios", "bots", "profiles", "reference_bot"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "fleet_stress/faults/process/nudged.py").write_text(FAULT)
    (folder / "fleet_stress/judge/checks/process/started_times.py").write_text(CHECK)
    # Its own Python: what runs on a host begins with a clean environment, so PYTHONPATH would not reach it.
    venv.create(folder / "python", symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder / "python")}))
    paths = [folder, folder / "plugins", sysconfig.get_path("purelib")]
    (packages / "tree.pth").write_text("".join(f"{path}\n" for path in paths))
    place = folder / "place"
    place.mkdir()
    (place / layout.MARKER).write_text("{}")
    shutil.copytree(folder / "reference_bot", place / "bots/reference")
    try:
        yield folder
    finally:
        recover(place)
        shutil.rmtree(folder)


def run(tree, times):
    (tree / "scenarios/nudge.yml").write_text(SCENARIO.replace("TIMES", str(times)))
    place = tree / "place"
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    done = python(tree, PROGRAM, str(place), user, str(place / "bots/reference"), usable_python())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def python(tree, program, *words):
    argv = [str(tree / "python/bin/python"), "-c", program, *words]
    return subprocess.run(argv, capture_output=True, text=True, timeout=200, check=False, cwd=tree)


def test_both_are_listed_checked_and_run(tree):
    seen = run(tree, 2)

    assert seen["listed"] == [True, True]
    assert seen["entry"]["verdict"] == "failed", seen["entry"]
    assert "the bot was started 1 times" in json.dumps(seen["entry"])
    [fault] = seen["faults"]
    assert (fault["fault"], fault["bit"]) == ("nudged", True)
    assert fault["proof"] == {"value": "gently", "after_lifting": {"was": "gently"}}


def test_a_wrong_argument_of_it_is_refused(tree):
    path = tree / "scenarios/nudge.yml"
    path.write_text(SCENARIO.replace("gently", "[1]").replace("TIMES", "1"))
    program = "from fleet_controller.planning.compile_command import compile_command\n"

    done = python(tree, f"{program}compile_command('reference', 'smoke', 'nudge')")

    assert "steps.1.fault.nudged.value" in done.stderr
