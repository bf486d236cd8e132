"""hosts/bot_files.py: what a profile says of a bot's files and commands."""

from fleet_controller.hosts.bot_files import command_lines, folder_variables, own_files


def test_the_variables_that_tell_a_bot_its_folders():
    environment = {
        "STATE_DIR": "${state_dir}",
        "LOGS": "${log_dir}/deep",
        "TMP": "${tmp_dir}",
        "MODE": "state_dir",
        "N": 3,
    }
    assert folder_variables({"environment": environment}) == ["STATE_DIR", "LOGS"]


def test_a_bots_own_files_are_its_state_its_logs_and_their_backups():
    bot = {
        "state": {
            "ledger": {"path": "l.json", "backup": "l.bak"},
            "health": {"path": "h.json", "backup": None},
        },
        "logs": {"errors": {"path": "errors.log"}},
    }
    assert own_files(bot) == ["l.json", "l.bak", "h.json", "errors.log"]


def test_the_commands_of_a_bot_and_its_companions():
    companion = {"name": "exchange", "argv": ["${python}", "exchange.py"], "ready_file": "x"}
    bot = {"argv": ["${python}", "main.py"], "companions": [companion]}
    assert command_lines(bot) == {
        "argv": ["${python}", "main.py"],
        "exchange": ["${python}", "exchange.py"],
    }
