"""How the settings of a start reach the bot: by variables, by arguments, or by ``${…}`` in the profile's texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.observe import bot_files
from fleet_stress.store.setting_units import in_its_unit

_Words = Mapping[str, Mapping[str, Any]]


def values(words: _Words, settings: Mapping[str, Any]) -> dict[str, str]:
    """The value of each setting as text: what the start asks for, else the profile's ``default``.

    ``words`` are the profile's ``settings``. One without either is left out.
    """
    defaults = {word: _plain(entry["default"]) for word, entry in words.items() if "default" in entry}
    return {
        **defaults,
        **{word: _in_its_unit(words.get(word, {}), value) for word, value in settings.items()},
    }


def variables(words: _Words, settings: Mapping[str, Any]) -> dict[str, str]:
    """The environment variables that carry them."""
    return {
        words[word]["variable"]: value
        for word, value in values(words, settings).items()
        if "variable" in words[word]
    }


def argv(bot: Mapping[str, Any], settings: Mapping[str, Any], places: Mapping[str, str]) -> list[str]:
    """The bot's command line, with the arguments that carry its settings in the profile's order."""
    words = bot.get("settings", {})
    known = values(words, settings)
    found = [bot_files.fill(word, {**places, **known}) for word in bot["argv"]]
    for word, entry in words.items():
        if word in known:
            found += [bot_files.fill(text, {"value": known[word]}) for text in entry.get("arguments", ())]
    return found


def _in_its_unit(entry: Mapping[str, Any], value: Any) -> str:
    """What a start asks for is in seconds."""
    return _plain(in_its_unit(entry, value) if "unit" in entry else value)


def _plain(value: Any) -> str:
    """``2.0`` → ``2``: a bot may read its interval with ``int()``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
