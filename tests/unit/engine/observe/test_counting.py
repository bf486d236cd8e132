"""By what cycles are counted when what tells of them is taken away."""

import pytest

from fleet_stress.faults import unsupported
from fleet_stress.faults.site import Where
from fleet_stress.observe import counting

CYCLE = {"rewritten": "cycle"}


@pytest.mark.parametrize(
    ("state", "role"),
    [
        ({"status": {"path": "a.json", **CYCLE}}, "status"),
        ({"text": {"path": "a", "format": "text", **CYCLE}, "status": {"path": "a.json", **CYCLE}}, "status"),
        ({"beside": {"path": "${log_dir}/a.json", **CYCLE}}, None),
        ({"status": {"path": "a.json", "rewritten": "change"}}, None),
    ],
)
def test_by_a_state_file_of_every_cycle(state, role):
    assert counting.role_rewritten({"state": state}) == role


@pytest.mark.parametrize(
    ("told_by", "by_log"), [("errors", True), ("elsewhere", False), ("stdout", False), ("status", False)]
)
def test_which_bots_a_full_log_folder_silences(told_by, by_log):
    logs = {"errors": {"path": "errors.log"}, "elsewhere": {"path": "${bot_dir}/bot.log"}}
    bot = {"cycle": {"file": told_by}, "state": {"status": {"path": "a.json"}}, "logs": logs}
    assert counting.told_by_log(bot) is by_log


@pytest.mark.linux
def test_where_nothing_else_tells_of_them_the_row_is_skipped_and_says_what_to_name(tmp_path):
    bot = {"cycle": {"file": "stdout"}, "state": {"status": {"path": "a.json", "rewritten": "change"}}}
    steps = [{"verb": "fault", "args": {"fault": "dead_output", "args": {"stdout": "unread"}}}]

    refused = unsupported(steps, Where(tmp_path, bot, None))

    assert refused.reason == "its cycles are told by stdout, which dead_output takes away"
    assert "rewritten: cycle" in refused.enable
    bot["state"]["status"]["rewritten"] = "cycle"
    assert unsupported(steps, Where(tmp_path, bot, None)) is None
