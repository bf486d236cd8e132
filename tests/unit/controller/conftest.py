"""A small catalogue in a folder of its own, and an engine with two faults and four checks."""

import textwrap

import pytest
from fleet_controller.catalogue.project import Project
from fleet_controller.catalogue.vocabulary import CheckWords, Vocabulary
from fleet_controller.messages.errors import UserError
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.planning.compile_plan import plan_of

from tests.unit.controller.finished_run import Run

NOTHING = {"type": "object", "additionalProperties": False, "properties": {}}

VOCABULARY = Vocabulary(
    faults={
        "corrupt": {
            "type": "object",
            "additionalProperties": False,
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "description": "Role of the file."},
                "text": {"type": "string"},
                "empty": {"const": True},
                "truncate_at": {"type": "integer", "minimum": 0, "description": "Bytes."},
            },
            "oneOf": [{"required": [kind]} for kind in ("text", "empty", "truncate_at")],
        },
        "slow_disk": {
            "type": "object",
            "additionalProperties": False,
            "required": ["delay"],
            "properties": {
                "delay": {"type": "number", "unit": "s", "maximum": 60, "description": "Of a write."}
            },
        },
    },
    checks={
        "exit_code": CheckWords(
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["is"],
                "properties": {
                    "is": {"enum": ["finished", "terminated"], "description": "Class of exit codes."},
                    "start": {"oneOf": [{"enum": ["last", "all"]}, {"type": "integer", "minimum": 1}]},
                },
            },
            "is",
            "the exit code is of the expected class",
        ),
        "state_valid": CheckWords(NOTHING),
        "state_fresh": CheckWords(NOTHING),
        "continuity": CheckWords(
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"except": {"type": "array", "items": {"type": "string"}}},
            }
        ),
    },
)

BOT = """\
name: tiny
title: A bot of few words
argv: ["${python}", main.py]
environment: {STATE_DIR: "${state_dir}", ROUNDS: 3, LOUD: true}
settings:
  scan_interval: {variable: INTERVAL, minimum: 0.5}
  max_cycles: {variable: CYCLES, type: integer}
cycle: {file: health, field: cycles}
state:
  ledger: {path: ledger.json, backup: ledger.bak, rewritten: cycle, never_back: [orders]}
  health: {path: health.json, rewritten: cycle}
stop_within: 5s
first_cycle_within: 1m
cycle_seconds: 0.1
cpu_share: 0.25
memory_mb: 100
"""

BASELINE = """\
id: baseline
row: "0"
title: Runs when nothing is done to it
parameters:
  smoke: {cycles: 2}
  standard: {cycles: 5}
steps:
  - start: {max_cycles: "{{ cycles }}", scan_interval: 1s}
  - wait: {until: exit}
  - expect: [exit_code: finished, state_valid]
"""

SCENARIO = """\
id: restart
row: "3.3"
title: Comes back after a kill
parameters:
  smoke: {cycles: 2, alive_for: 0.5s}
  standard: {cycles: 5, alive_for: 7s}
steps:
  - start: {max_cycles: 9999, scan_interval: 1s}
  - wait: {until: first_cycle, then: "{{ alive_for }}"}
  - signal: KILL
  - start: {max_cycles: "{{ cycles }}", scan_interval: 1s}
  - wait: {until: exit}
  - expect: [exit_code: finished, state_valid]
"""


class Catalogue:
    """A project's folder to write into, and shortcuts to what is tested."""

    vocabulary = VOCABULARY

    def __init__(self, root):
        self.root = root
        self.project = Project(root, relative_to=root)
        for name, more in (("smoke", ""), ("standard", ""), ("soak", "inherits: standard\n")):
            self.write(f"profiles/{name}.yml", f"name: {name}\ntitle: Very {name}\n{more}")
        self.write("bots/tiny.yml", BOT)
        self.write("scenarios/baseline.yml", BASELINE)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
        return file

    def scenario(self, *changes, name="restart"):
        """A scenario file; ``changes`` are pairs of what is replaced in it."""
        self.write(f"scenarios/{name}.yml", _changed(SCENARIO, changes))

    def steps(self, steps, parameters="{x: 1}"):
        """A scenario that does these steps (YAML, one a line)."""
        head = f'id: restart\nrow: "3.3"\ntitle: T\nparameters: {{smoke: {parameters}}}\nsteps:\n'
        self.write("scenarios/restart.yml", head + textwrap.indent(textwrap.dedent(steps), "  "))

    def bot(self, *changes):
        """The bot profile, changed."""
        self.write("bots/tiny.yml", _changed(BOT, changes))

    def compile(self, scenarios="all", *, bot="tiny", profile="smoke"):
        return compile_command(bot, profile, scenarios, project=self.project, vocabulary=self.vocabulary)

    def compiled(self, name="restart", **more):
        """One scenario as the plan has it."""
        return next(item for item in self.compile(**more).scenarios if item["id"] == name)

    def plan(self, *, facts=None, run_id="20260101-000000-abcdef", **more):
        return plan_of(
            self.compile(**more),
            run_id=run_id,
            host="h1",
            facts=facts or {"cores": 2, "memory_mb": 4000},
            stress_dir="/var/lib/fleet-stress",
            user="fleet-stress",
            copy="/var/lib/fleet-stress/bots/tiny-0123456789ab",
            python="/usr/bin/python3",
        )

    def refusal(self, **more):
        """What the operator is told; fails if nothing is wrong."""
        with pytest.raises(UserError) as caught:
            self.compile(**more)
        return str(caught.value)


def _changed(text, changes):
    for old, new in changes:
        assert old in text, f"the test replaces {old!r}, which is not there"
        text = text.replace(old, new)
    return text


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path)


@pytest.fixture
def run(tmp_path):
    """A run on the controller; its hosts bring what the test says."""
    return Run(tmp_path / "results")
