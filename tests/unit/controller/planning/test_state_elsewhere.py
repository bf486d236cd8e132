"""A row about the disk of the state folder says what is missing where the bot's state is not there."""

import pytest
from fleet_controller.catalogue.bots import Bot
from fleet_controller.planning.state_elsewhere import state_elsewhere


def bot(path, working_folder="${bot_dir}"):
    value = {"name": "tiny", "state": {"ledger": {"path": path}}, "working_folder": working_folder}
    return Bot(None, value, "tiny")


FILL = {"fault": {"fill": {"folder": "state", "until_free": "0B"}}}
FILL_LOGS = {"fault": {"fill": {"folder": "log", "size": "1MB"}}}
VANISH = {"fault": {"vanish": {}}}
AIMED = {"repeat": {"times": 2, "steps": [{"signal": {"send": "KILL", "aim": "state_write"}}]}}
VISIT = {"visit": {"answers": []}}


@pytest.mark.parametrize("step", [FILL, VANISH, AIMED, VISIT])
def test_a_bot_that_keeps_its_state_elsewhere_never_meets_it(step):
    (problem,) = state_elsewhere([step], bot("${bot_dir}/data.json"))
    assert problem.what == "the bot profile tiny names no state file in ${state_dir}"
    assert state_elsewhere([step], bot("data.json")) == []


@pytest.mark.parametrize("step", [FILL_LOGS, {"signal": "TERM"}, {"start": {"max_cycles": 2}}])
def test_other_rows_do_not_care(step):
    assert state_elsewhere([step], bot("${bot_dir}/data.json")) == []


def test_who_is_started_in_its_state_folder_stays_in_it():
    """It has its folder open: what is moved away goes with it."""
    (problem,) = state_elsewhere([VANISH], bot("data.json", "${state_dir}/book"))
    assert "is started in its state folder" in problem.what
    assert state_elsewhere([FILL], bot("data.json", "${state_dir}")) == []
