"""A host whose engine lies about a run is lost or refused after a while, and the others are reported."""

import gc
import json
import os
from unittest import mock

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from tests.as_module import loaded

# pytest's own deadline would be the alarm of somebody else.
pytestmark = [
    pytest.mark.timeout(60, method="thread"),
    # Ansible lets go of a connection that was given up.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running", "ignore:unclosed file"),
]

SCENARIO = {"id": "sigterm", "estimate": 10, "weight": 1, "exclusive": False, "baseline": False, "skip": None}
PLAN = {"host": "h1", "limits": {"bots_at_once": 1, "lease": 0.7}, "scenarios": [SCENARIO]}
HANDED = {"run_dir": "/runs/r1", "run_id": "r1", "attached": False, "started": True}
ALIVE = {"what": "poll", "offset": 0, "alive": True, "ended": False}
ENDED = {
    **{"what": "scenario_ended", "row": "3.1", "verdict": "failed"},
    "reasons": ["\x1b[2J"],
    "seconds": 1,
}


@pytest.fixture
def engine(tmp_path):
    """``engine(follow=…, part=…)``: the result of following a host whose engine runs these lines of shell."""

    def answers(handed=HANDED, answers_within=30.0, **commands):
        python = tmp_path / "python"
        cases = "".join(f"{name}) {lines} ;;\n" for name, lines in commands.items())
        python.write_text(f'#!/bin/sh\necho "$4" >>{tmp_path}/asked\ncase "$4" in\n{cases}esac\n')
        python.chmod(0o755)
        context, module = PlayContext(), loaded("plugins/action/stress_plan.py")
        asked = {
            "engine_python": str(python),
            "run_id": "r1",
            "results_dir": str(tmp_path),
            "unreachable_within": 0.8,
        }
        task = mock.Mock(
            action="stress_plan", args=asked, async_val=0, check_mode=False, environment=None, diff=False
        )
        connection = connection_loader.get("local", context, os.devnull)
        connection.set_options()
        plugin = module.ActionModule(task, connection, context, DataLoader(), mock.Mock(), mock.Mock())
        plugin.answer_seconds = answers_within
        with (
            mock.patch.object(plugin, "_plan", return_value=PLAN),
            mock.patch.object(plugin, "_execute_module", return_value=handed),
            mock.patch.object(module, "RETRY_SECONDS", 0.1),
        ):
            return plugin.run(None, {"inventory_hostname": "h1"})

    yield answers
    gc.collect()


def says(*entries):
    return "; ".join(f"printf '%s\\n' '{json.dumps(entry)}'" for entry in entries)


def asked(tmp_path):
    return (tmp_path / "asked").read_text().split()


def test_one_that_is_alive_for_ever_is_lost_when_its_run_has_to_be_over(engine, tmp_path):
    result = engine(follow=says(ALIVE))

    assert (result["failed"], result["lost"]) == (True, True)
    assert "h1 could not be reached any more: for 1.5 s it has answered that its run goes on" in result["msg"]
    assert 2 < len(asked(tmp_path)) < 12, "and asked a few times a second"


def test_one_that_tells_the_same_again_and_again_is_shown_once(engine, capsys):
    engine(follow=says(*[{**ENDED, "scenario": name} for name in ("sigterm", "sigterm", "unknown")], ALIVE))

    shown = capsys.readouterr().out
    assert shown.count("h1: failed") == 1
    assert "unknown" not in shown
    assert "\x1b" not in shown


def test_one_that_never_answers_is_lost(engine):
    result = engine(follow="sleep 60", answers_within=0.5)

    assert (result["failed"], result["lost"]) == (True, True)
    assert "has not answered" in result["msg"]


@pytest.mark.parametrize("flood", ["head -c 7000000 /dev/zero", "head -c 7000000 /dev/zero >&2"])
def test_one_that_floods_us_fails(engine, flood):
    result = engine(follow=flood)

    assert result["failed"]
    assert result["msg"] == "h1: its answer is longer than any (6000000 characters)"


def test_one_that_sends_its_archive_byte_by_byte_is_asked_once(engine, tmp_path):
    part = {"size": 100_000_000, "data": "eA=="}
    result = engine(follow=says({**ALIVE, "ended": True}), part=says(part))

    assert result["failed"]
    assert result["msg"] == "h1: its archive was refused: 1 bytes where 3000000 were asked for"
    assert asked(tmp_path) == ["follow", "part"]
    assert not (tmp_path / "r1/arriving").exists()


@pytest.mark.parametrize(
    "odd", [{}, {"run_dir": ["/"]}, {"run_id": None}, {"attached": "no"}, {"started": 1}]
)
def test_one_that_answers_a_hand_over_as_no_engine_of_ours_would_fails(engine, odd):
    result = engine(handed={**HANDED, **odd} if odd else {})

    assert result["failed"]
    assert result["msg"].startswith("h1: it answered what no engine of ours would: a hand-over without")


def test_one_that_finds_damage_without_end_is_heard_a_while(engine, capsys):
    engine(handed={**HANDED, "damaged": ["all of it"] * 1_000}, follow=says(ALIVE))
    assert capsys.readouterr().out.count("all of it") == 10
