"""library/stress_plan.py, the door: hands a plan over, attaches to the run that it was, refuses in sentences."""

import json
import os

import pytest

from fleet_stress import __version__
from fleet_stress.run import handover


@pytest.fixture
def plan(place, me):
    return {
        "format": 1,
        "run_id": "r1",
        "plan_hash": "h1",
        "engine_version": __version__,
        "stress_dir": str(place),
        "bot": {"user": "nobody" if os.geteuid() == 0 else me},
    }


@pytest.fixture
def finished(place, plan):
    """The same plan has run here, and nobody has fetched its result."""
    run = place / "runs/r1"
    run.mkdir(parents=True)
    (run / "plan.json").write_text(json.dumps(plan))
    (run / "result.json").write_text("{}")
    (run / "journal.jsonl").touch()
    return run


@pytest.fixture
def hand_over(door, plan):
    return lambda **flags: door("stress_plan")(plan=plan, **flags)


def test_the_same_plan_again_is_attached_to_and_changes_nothing(hand_over, finished):
    answer = hand_over()
    assert (answer["run_id"], answer["run_dir"]) == ("r1", str(finished))
    assert (answer["attached"], answer["started"], answer["changed"]) == (True, False, False)


def test_check_mode_starts_nothing(hand_over, place):
    assert hand_over(check=True)["changed"] is True
    assert not (place / "runs").exists()


@pytest.mark.root
def test_a_plan_for_root_is_refused(door, plan, place):
    plan["bot"]["user"] = "root"
    assert "root" in door("stress_plan").fails(plan=plan)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"engine_version": "0.0.0"}, "run the provision stage again"),
        ({"stress_dir": "/nonexistent"}, "carries no .fleet-stress"),
        ({"bot": {"user": "no-such-user"}}, "user 'no-such-user' for the bots"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(door, plan, place, more, told):
    assert told in door("stress_plan").fails(plan={**plan, **more})
    assert not (place / "runs").exists()


def test_without_the_engine_it_says_how_to_get_it(library, monkeypatch, capsys):
    from ansible.module_utils.testing import patch_module_args

    for name, arguments in (("stress_plan", {"plan": {}}), ("stress_recover", {"stress_dir": "/x"})):
        module = library(name)
        monkeypatch.setattr(module, "MISSING", ImportError("no engine"))
        with patch_module_args(arguments), pytest.raises(SystemExit):
            module.main()
        assert "run the provision stage" in capsys.readouterr().out


def test_whoever_begins_anew_is_not_given_an_earlier_run(plan, finished, monkeypatch):
    monkeypatch.setattr(handover, "_start_supervisor", lambda _run: None)
    asked = {**plan, "run_id": "r2", "allow_commands": False, "scenarios": []}

    again = handover.hand_over(asked)
    assert (again["run_id"], again["attached"]) == ("r1", True), "the same plan, and nobody has fetched it"

    anew = handover.hand_over({**asked, "fresh": True})
    assert (anew["run_id"], anew["attached"], anew["started"]) == ("r2", False, True)
