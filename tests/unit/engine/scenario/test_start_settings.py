"""A setting reaches the bot as its profile says: by a variable, by arguments, or in a text."""

from fleet_stress.scenario import start_settings

WORDS = {
    "max_cycles": {"variable": "CYCLES", "arguments": ["--cycles", "${value}"]},
    "scan_interval": {"arguments": ["--every=${value}"]},
}


def test_what_a_start_does_not_limit_is_left_out():
    """``int(os.environ.get("CYCLES", 0))`` is how most programs read a variable."""
    assert start_settings.variables(WORDS, {"scan_interval": 2.0}) == {}
    assert start_settings.variables(WORDS, {"max_cycles": 3}) == {"CYCLES": "3"}


def test_unless_the_profile_has_a_value_for_it():
    words = {"max_cycles": {"variable": "CYCLES", "default": "-1"}}
    assert start_settings.variables(words, {}) == {"CYCLES": "-1"}
    assert start_settings.variables(words, {"max_cycles": 3}) == {"CYCLES": "3"}


def test_arguments_follow_the_command_line():
    bot = {"argv": ["${python}", "bot.py", "run"], "settings": WORDS}
    places = {"python": "/usr/bin/python3"}
    assert start_settings.argv(bot, {"scan_interval": 0.5, "max_cycles": 4}, places) == [
        *("/usr/bin/python3", "bot.py", "run"),
        *("--cycles", "4", "--every=0.5"),
    ]
    assert start_settings.argv(bot, {"scan_interval": 2.0}, places)[-1] == "--every=2"


def test_a_time_is_in_the_unit_that_the_bot_takes():
    words = {"scan_interval": {"variable": "EVERY_MS", "unit": "ms", "default": 5000}}
    assert start_settings.variables(words, {"scan_interval": 0.07}) == {"EVERY_MS": "70"}
    assert start_settings.variables(words, {}) == {"EVERY_MS": "5000"}
