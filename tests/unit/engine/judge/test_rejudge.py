"""A run is judged again from what was stored of it: with the checks as they are now, and without a bot."""

import json
import shutil

import pytest

from fleet_stress.judge.judge import judge
from fleet_stress.judge.rejudge import judge_again


@pytest.fixture
def stored(tmp_path, story):
    """A host's folder with a run of one scenario, as the controller has it; ``verdict`` is the one it has."""
    story.expect = [{"check": "exit_code", "args": {"is": "finished"}}, {"check": "state_valid", "args": {}}]
    story.runs()
    folder = tmp_path / "host"
    shutil.copytree(story.store(), folder / "evidence/story")
    scenario = story.scenario(weight=1)
    entry = judge(scenario, story.bot, folder / "evidence/story", None)

    def write(**changes):
        (folder / "plan.json").write_text(json.dumps({"bot": story.bot, "scenarios": [scenario]}))
        (folder / "result.json").write_text(json.dumps({"run_id": "r", "scenarios": [{**entry, **changes}]}))
        return folder

    return write


def test_the_same_evidence_gives_the_same_verdict(stored):
    folder = stored()

    result, changes = judge_again(folder)

    assert changes == {}
    assert result == json.loads((folder / "result.json").read_text())


def test_what_the_checks_now_judge_differently_is_reported(stored):
    result, changes = judge_again(stored(verdict="failed", reasons=["an old mistake of ours"]))

    assert changes == {"story": "failed -> passed"}
    assert (result["scenarios"][0]["verdict"], result["scenarios"][0]["reasons"]) == ("passed", [])


def test_what_was_not_run_keeps_its_verdict(stored):
    folder = stored(verdict="skipped", evidence=None)
    shutil.rmtree(folder / "evidence")

    assert judge_again(folder)[0]["scenarios"][0]["verdict"] == "skipped"


def test_evidence_that_is_not_whole_here_is_not_judged(stored):
    folder = stored(verdict="failed")
    (folder / "left-out.txt").write_text("evidence/story/snapshots/01-after/state/x\n")

    assert judge_again(folder)[1] == {}
