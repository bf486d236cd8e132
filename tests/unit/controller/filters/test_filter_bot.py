"""plugins/filter/bot.py: what a profile and the operator's variables say together."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[4] / "plugins/filter/bot.py"


@pytest.fixture(scope="module")
def filters():
    spec = importlib.util.spec_from_file_location("filter_bot", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FilterModule().filters()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("", []),
        (None, []),
        ([], []),
        ("torch", ["torch"]),
        ("torch, numpy>=2", ["torch", "numpy>=2"]),
        ("pandas<3,>=2,numpy", ["pandas<3,>=2", "numpy"]),
        ("pandas<3,!=2.1", ["pandas<3,!=2.1"]),
        ("docs/*,*.csv,.cache,/x", ["docs/*", "*.csv", ".cache", "/x"]),
        ("a\n b \n\n", ["a", "b"]),
        (["a, b", " c ", ""], ["a, b", "c"]),
        (("x", 5), ["x", "5"]),
        (7, ["7"]),
    ],
)
def test_a_list_or_words_as_e_gives_them(filters, said, words):
    assert filters["stress_words"](said) == words


def test_the_variables_that_tell_a_bot_its_folders(filters):
    environment = {
        "STATE_DIR": "${state_dir}",
        "LOGS": "${log_dir}/deep",
        "TMP": "${tmp_dir}",
        "MODE": "state_dir",
        "N": 3,
    }
    assert filters["stress_folder_variables"](environment) == ["STATE_DIR", "LOGS"]


def test_a_bots_own_files_are_its_state_its_logs_and_their_backups(filters):
    bot = {
        "state": {
            "ledger": {"path": "l.json", "backup": "l.bak"},
            "health": {"path": "h.json", "backup": None},
        },
        "logs": {"errors": {"path": "errors.log"}},
    }
    assert filters["stress_own_files"](bot) == ["l.json", "l.bak", "h.json", "errors.log"]


def test_the_commands_of_a_bot_and_its_companions(filters):
    companion = {"name": "exchange", "argv": ["${python}", "exchange.py"], "ready_file": "x"}
    bot = {"argv": ["${python}", "main.py"], "companions": [companion]}
    assert filters["stress_commands"](bot) == {
        "argv": ["${python}", "main.py"],
        "exchange": ["${python}", "exchange.py"],
    }


def test_a_path_below_a_folder(filters):
    assert filters["stress_below"]("requirements.txt", "/srv/bot") == "/srv/bot/requirements.txt"
