"""What a bot's configuration says of its arena is written there, into its own copy."""

import pytest

from fleet_stress.scenario.bot_configuration import fill_in


def test_places_are_filled_in_and_other_placeholders_stay(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config/keys.json").write_text("longer than what is filled in, and not filled in yet")

    text = '{"url": "http://${outside}:${exchange.ready}", "own": "${USER}"}'
    written = fill_in({"config/keys.json": text}, tmp_path, {"outside": "10.0.0.1", "exchange.ready": "8123"})

    assert written == [tmp_path / "config/keys.json"]
    assert written[0].read_text() == '{"url": "http://10.0.0.1:8123", "own": "${USER}"}'


def test_no_link_that_a_companion_has_put_there_is_followed(tmp_path):
    (tmp_path / "mine").write_text("kept")
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/keys.json").symlink_to(tmp_path / "mine")

    with pytest.raises(OSError):
        fill_in({"keys.json": "x"}, tmp_path / "bot", {})
    assert (tmp_path / "mine").read_text() == "kept"


def test_what_is_as_it_should_be_is_left_alone(tmp_path):
    """A second instance is started beside the first one, which may be reading it."""
    (tmp_path / "keys.json").write_text('{"every": 60}, and more')
    (path,) = fill_in({"keys.json": '{"every": ${scan_interval}}'}, tmp_path, {"scan_interval": "5"})
    before = path.stat()

    fill_in({"keys.json": '{"every": ${scan_interval}}'}, tmp_path, {"scan_interval": "5"})

    assert path.read_text() == '{"every": 5}'
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
