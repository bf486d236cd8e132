"""The task ``stress_accept``: the list beside the profile, from a run that was reported."""

import json

import pytest
from fleet_controller.catalogue.located_yaml import read
from fleet_controller.catalogue.project import ROOT
from fleet_controller.report.report import write
from fleet_controller.runs.run_folder import close_run

from tests.messages.ways import answer
from tests.unit.controller.results.test_known import EXIT, brings, with_list


@pytest.fixture
def profile(tmp_path):
    """A bot's profile in a folder of its own: the reference bot's under another name."""
    text = (ROOT / "bots/reference.yml").read_text(encoding="utf-8")
    path = tmp_path / "mine.yml"
    path.write_text(text.replace("name: reference\n", "name: mine\n"), encoding="utf-8")
    return path


def reported(run, profile, **findings):
    """A run of that bot, closed by a report."""
    run.begin("h1")
    for name in ("run.json", "compiled.json"):
        path = run.folder / name
        path.write_text(
            path.read_text(encoding="utf-8").replace('"reference"', json.dumps(str(profile))),
            encoding="utf-8",
        )
    brings(run, "h1", **findings)
    return run


def accepted(run):
    write(run.folder, run.collect())
    close_run(run.results_dir, run.run_id)
    return answer("stress_accept", {"run_id": run.run_id, "results_dir": str(run.results_dir)})


def test_red_accepted_green_mended_red_accepted_green(run, profile):
    path = profile.with_name("mine.known.yml")
    reported(run, profile, sigkill_restart=[EXIT])
    said = accepted(run)
    assert (said["changed"], said["added"], said["removed"], said["left"]) == (True, 1, 0, [])
    (entry,) = read(path, "x").value["known"]
    assert (entry["check"], entry["subject"], entry["rows"]) == ("exit_code", "terminated", ["3.3"])

    again = accepted(run)
    assert (again["changed"], again["added"]) == (False, 0)

    known = {
        "link": None,
        "expires": None,
        "verdict": "failed",
        "strict": True,
        **entry,
        "scenarios": ["sigkill_restart"],
    }
    with_list(run, {"file": str(path), "entries": [known]})
    assert run.collect()["verdict"] == "known"

    brings(run, "h1")
    mended = run.collect()
    assert (mended["verdict"], mended["counts"]["failed"]) == ("failed", 0)
    assert accepted(run)["removed"] == 1
    assert read(path, "x").value["known"] == []
