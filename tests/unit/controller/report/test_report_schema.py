"""The schemas: each says what it is, every key is described, and what the engine writes is what they say."""

import getpass
import json
import os
import subprocess
import sys

import pytest
from fleet_controller.catalogue import schema
from fleet_controller.catalogue.project import ROOT
from jsonschema import Draft202012Validator

from fleet_stress.store.layout import MARKER

GROUPS = {
    "run_id": "20261124-141200-ab12cd",
    "finished": "2026-11-24T14:12:30+00:00",
    **{"new": [], "fixed": [], "still": [], "unknown": []},
}


def objects(node):
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for item in node.values():
            yield from objects(item)
    elif isinstance(node, list):
        for item in node:
            yield from objects(item)


@pytest.mark.parametrize("name", ["result", "results", "compare"])
def test_a_schema_is_one_and_describes_every_key(name):
    document = schema.stored(name)
    Draft202012Validator.check_schema(document)
    for item in objects(document):
        assert item["additionalProperties"] is False
        for key, value in item["properties"].items():
            target = value.get("$ref", "").rpartition("/")[2]
            assert value.get("description") or document["$defs"][target]["description"], key


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").rglob("*.json")), ids=lambda path: path.name)
def test_every_schema_says_what_it_is_and_of_which_version(path):
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["$id"] == path.name
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["title"]
    assert document["description"]
    assert document["x-version"] == document.get("properties", {}).get("format", {"const": 1})["const"]


def test_results_of_before_there_was_a_comparison_still_are_results(run):
    """A key was added, and the number stayed: who knows format 1 reads both."""
    run.begin("h1")
    results = run.collect()
    validator = Draft202012Validator(schema.stored("results"))
    for earlier in ({}, {"earlier": GROUPS}):
        validator.validate({**results, **earlier})


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
        "bot": {"name": "tiny", "user": "nobody" if os.geteuid() == 0 else getpass.getuser()},
        "limits": {"bots_at_once": 1, "run_within": 60, "lease": 600},
        "scenarios": [scenario],
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-I", "-m", "fleet_stress", "supervise", str(folder)], check=True, timeout=60
    )
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema.stored("result")).validate(result)
    assert result["scenarios"][0]["verdict"] == "skipped"
