"""The two schemas: every key is described, and what the engine writes is what they say."""

import json
import subprocess
import sys

import pytest
from fleet_controller import schema
from jsonschema import Draft202012Validator

from fleet_stress.place import MARKER


def objects(node):
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for one in node.values():
            yield from objects(one)
    elif isinstance(node, list):
        for one in node:
            yield from objects(one)


@pytest.mark.parametrize("name", ["result", "results", "compare"])
def test_a_schema_is_one_and_describes_every_key(name):
    document = schema.stored(name)
    Draft202012Validator.check_schema(document)
    for one in objects(document):
        assert one["additionalProperties"] is False
        for key, value in one["properties"].items():
            target = value.get("$ref", "").rpartition("/")[2]
            assert value.get("description") or document["$defs"][target]["description"], key


@pytest.mark.parametrize("part", ["finding", "measures", "system", "stopped", "leftover", "verdict"])
def test_what_both_speak_of_they_describe_alike(part):
    assert schema.stored("result")["$defs"][part] == schema.stored("results")["$defs"][part]


def test_what_a_supervisor_writes_is_what_the_schema_says(tmp_path):
    """A plan whose only scenario is skipped, so that no bot and no user is needed."""
    folder = tmp_path / "runs" / "r1"
    for name in ("arenas", "evidence"):
        (folder / name).mkdir(parents=True)
    (tmp_path / MARKER).write_text("")
    scenario = {
        "id": "sigterm",
        "row": "3.1",
        "title": "Ends on SIGTERM",
        "baseline": False,
        "exclusive": False,
        "weight": 1,
        "estimate": 0.0,
        "within": 10.0,
        "skip": {"reason": "it has no state", "enable": "name one"},
    }
    plan = {
        "stress_dir": str(tmp_path),
        "plan_hash": "0" * 64,
        "host": "h1",
        "profile": "smoke",
        "bot": {"name": "tiny"},
        "limits": {"bots_at_once": 1, "run_within": 60, "lease": 600},
        "scenarios": [scenario],
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "fleet_stress", "supervise", str(folder)], check=True, timeout=60)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema.stored("result")).validate(result)
    assert result["scenarios"][0]["verdict"] == "skipped"
