"""How a bot is started and set, guessed by its folder."""

import pytest
from fleet_controller.catalogue.bots import load_bot
from fleet_controller.catalogue.project import Project
from fleet_controller.drafting.bot_folder import look_into
from fleet_controller.drafting.guesses import guess, in_state_folder
from fleet_controller.drafting.stub_exchange import with_exchange
from fleet_controller.messages.errors import UserError

BOT = """
import os
STATE, EVERY = os.environ["STATE_DIR"], float(os.environ.get("EVERY", 5))
HOST, KEY = os.environ["EXCHANGE"], os.environ["API_KEY"]
SYMBOL, CYCLES = os.environ["SYMBOL"], int(os.environ.get("CYCLES") or 0)
"""


@pytest.fixture
def bot(tmp_path):
    (tmp_path / "bot.py").write_text(BOT)
    return tmp_path


def test_folders_and_settings_are_found(bot):
    found = guess(look_into(bot), "mine")
    assert found.profile["argv"] == ["${python}", "bot.py"]
    assert found.profile["environment"]["STATE_DIR"] == "${state_dir}"
    assert found.profile["settings"] == {
        "scan_interval": {"variable": "EVERY"},
        "max_cycles": {"variable": "CYCLES", "type": "integer"},
    }


def test_what_it_needs_and_nobody_knows_gets_a_dead_address_or_is_named(bot):
    found = guess(look_into(bot), "mine")
    assert found.profile["environment"]["EXCHANGE"] == "127.0.0.1:9"
    assert found.profile["environment"]["API_KEY"] == "placeholder"
    assert [word.name for word in found.placeholders] == ["EXCHANGE", "API_KEY"]
    assert [word.name for word in found.unset] == ["SYMBOL"]


def test_what_the_operator_gives_counts(bot):
    found = guess(look_into(bot), "mine", given={"EXCHANGE": "localhost:1", "SYMBOL": "X"})
    assert found.profile["environment"]["EXCHANGE"] == "localhost:1"
    assert found.unset == [] and [word.name for word in found.placeholders] == ["API_KEY"]


@pytest.mark.parametrize(
    ("start", "argv"),
    [
        ("python3 trade.py --paper", ["${python}", "trade.py", "--paper"]),
        ("trade.py", ["${python}", "trade.py"]),
        ("./run.sh", ["sh", "./run.sh"]),
        ("node bot.js", ["node", "bot.js"]),
    ],
)
def test_the_operator_says_how_it_is_started(bot, start, argv):
    assert guess(look_into(bot), "mine", start).profile["argv"] == argv


def test_a_folder_without_a_program_of_a_usual_name_is_refused(tmp_path):
    (tmp_path / "one.py").touch()
    (tmp_path / "two.py").touch()
    with pytest.raises(UserError, match="how the bot"):
        guess(look_into(tmp_path), "mine")


def test_a_stub_of_its_exchange_is_not_taken_for_the_bot(tmp_path):
    (tmp_path / "feed.py").touch()
    (tmp_path / "stub.py").touch()
    found = guess(look_into(tmp_path), "mine", besides="python stub.py --port-file ${ready}")
    assert found.profile["argv"] == ["${python}", "feed.py"]


def test_options_of_the_program_carry_folders_and_settings(tmp_path):
    (tmp_path / "main.py").write_text(
        'parser.add_argument("--state-dir")\nparser.add_argument("--interval-ms", default=500)\n'
    )
    profile = guess(look_into(tmp_path), "mine").profile
    assert profile["argv"] == ["${python}", "main.py", "--state-dir", "${state_dir}"]
    assert profile["settings"]["scan_interval"] == {"arguments": ["--interval-ms", "${value}"], "unit": "ms"}


def test_a_name_in_the_source_brings_no_template_into_the_profile(tmp_path):
    (tmp_path / "main.py").write_text("os.environ.get('LOG_FILE', '{{ 7 * 7 }}.log')")
    assert guess(look_into(tmp_path), "mine").profile["environment"] == {"LOG_FILE": "${log_dir}/bot.log"}


def test_a_guess_is_a_valid_profile_also_in_its_state_folder(bot):
    import yaml

    for number, value in enumerate(
        [guess(look_into(bot), "mine").profile, in_state_folder(guess(look_into(bot), "mine").profile)]
    ):
        path = bot / f"{number}/mine.yml"
        path.parent.mkdir()
        path.write_text(yaml.safe_dump(value))
        load_bot(Project(), str(path))
    assert value["argv"] == ["${python}", "${bot_dir}/bot.py"]


def test_links_and_large_files_are_not_read(tmp_path):
    (tmp_path / "main.py").write_text("x = 1")
    (tmp_path / "large.py").write_text("#" * 300_000)
    (tmp_path / "link.py").symlink_to("/etc/hostname")
    (tmp_path / ".hidden").mkdir()
    found = look_into(tmp_path)
    assert found.names == ["large.py", "main.py"] and list(found.texts) == ["main.py"]


def test_a_stub_of_its_exchange_stands_beside_it_and_it_is_led_there(tmp_path):
    (tmp_path / "main.py").write_text(
        'HOST = os.environ["EXCHANGE"]; URL = os.environ.get("API_URL", "https://api.kraken.com"); '
        'KEY = os.environ["API_KEY"]\nparser.add_argument("--server", default="x:1")'
    )
    found = with_exchange(guess(look_into(tmp_path), "my_bot"), "python stub.py --port-file ${ready}")
    assert found.profile["companions"] == [
        {
            **{"name": "exchange", "ready_file": "${tmp_dir}/exchange.ready"},
            "argv": ["${python}", "stub.py", "--port-file", "${tmp_dir}/exchange.ready"],
        }
    ]
    assert found.profile["hosts"] == ["exchange.my-bot.test"]
    assert found.profile["environment"] == {
        **{"EXCHANGE": "${outside}:${exchange.ready}", "API_URL": "http://${outside}:${exchange.ready}"},
        "API_KEY": "placeholder",
    }
    assert found.profile["argv"] == ["${python}", "main.py", "--server", "${outside}:${exchange.ready}"]
    assert [word.name for word in found.placeholders] == ["API_KEY"]
