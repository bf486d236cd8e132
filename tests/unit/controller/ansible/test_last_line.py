"""The last line of ansible-playbook, where no task of ours has the last word."""

from unittest import mock

import pytest

from tests.as_module import loaded


@pytest.mark.parametrize(("action", "told"), [("stress_plan", True), ("stress_wheels", False)])
def test_a_run_without_a_report_says_that_its_verdicts_do_not_count(action, told):
    callback = loaded("plugins/callback/fleet_stress.py").CallbackModule()
    callback._display = mock.Mock(verbosity=0)
    callback._plugin_options = {"show_per_host_start": False}
    task = mock.Mock(action=action, check_mode=False)

    callback.v2_runner_on_start(mock.Mock(), task)
    callback.v2_playbook_on_stats(mock.Mock(processed={}))

    said = [call.args[0] for call in callback._display.display.call_args_list]
    assert any("--tags report" in line for line in said) is told
