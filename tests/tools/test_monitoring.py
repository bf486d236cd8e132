"""Alert rules and the dashboard: they ask for metrics that there are, and promtool is content where it is installed."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from fleet_controller.catalogue.project import ROOT
from fleet_controller.report.prometheus import metrics

FOLDER = ROOT / "monitoring"
RULES = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((FOLDER / "grafana.json").read_text())


@pytest.fixture(scope="module")
def known():
    """Labels by metric, of a run with one row."""
    scenario = {"row": "3.1", "scenario": "sigterm", "verdict": "failed", "seconds": 1.0, "reasons": []}
    host = {
        "verdict": "failed",
        "scenarios": [scenario],
        "problem": None,
        "leftovers": [],
        "verify": [],
        "engine": "1",
    }
    text = metrics(
        {
            **{"bot": "b", "profile": "smoke", "run_id": "r", "versions": {}, "seconds": 1.0},
            **{"finished": "2026-11-30T00:00:00+00:00", "hosts": {"h": host}},
        }
    ).decode()
    found = re.findall(r"^(fleet_stress_\w+)\{(.*)\} ", text, re.MULTILINE)
    return {name: set(re.findall(r"(\w+)=\"", labels)) for name, labels in found}


def expressions():
    for rule in RULES:
        yield pytest.param(rule["expr"], id=rule["alert"])
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=panel["title"])
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield pytest.param(variable["query"]["query"], id=variable["name"])


@pytest.mark.parametrize("expression", list(expressions()))
def test_an_expression_asks_for_metrics_and_labels_that_there_are(expression, known):
    names = re.findall(r"fleet_stress_\w+", expression)
    assert names and set(names) <= set(known)
    for name, labels in re.findall(r"(fleet_stress_\w+)\{([^}]*)\}", expression):
        assert set(re.findall(r"(\w+)=", labels)) <= known[name]


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_names_labels_that_its_metric_has(rule, known):
    (name,) = re.findall(r"fleet_stress_\w+", rule["expr"])
    used = re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values()))
    assert set(used) <= known[name]


def test_panels_have_places_of_their_own():
    taken = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken)) and max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here (Debian: prometheus)")
@pytest.mark.parametrize("command", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]])
def test_promtool_is_content(command):
    done = subprocess.run(["promtool", *command], cwd=FOLDER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
