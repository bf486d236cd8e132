"""How a profile says that settings reach its bot: what of it cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fleet_controller.catalogue.located_yaml import At, Document
from fleet_controller.messages.errors import Problem

PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")
#: Where ``${SETTING}`` may stand.
TAKE_SETTINGS = ("argv", "environment", "overlay")


def contradictions(document: Document, bot: Mapping[str, Any]) -> Iterator[Problem]:
    """Settings that never reach the bot, or whose place has no value where a scenario asks for none."""
    used: dict[str, At] = {}
    for section in TAKE_SETTINGS:
        texts = bot[section]
        for key, text in texts.items() if isinstance(texts, Mapping) else enumerate(texts):
            used |= {name: (section, key) for name in PLACEHOLDER.findall(text) if name in bot["settings"]}
    for word, setting in bot["settings"].items():
        where = document.where(("settings", word), key=True)
        if word in used and "default" not in setting:
            what = f"`${{{word}}}` has no value where a scenario does not set it"
            why = "the text around it cannot be left out"
            yield Problem(what, document.where(used[word]), why, f"say `default` in settings.{word}")
        if word not in used and not {"variable", "arguments"} & set(setting):
            do = f"say `variable` or `arguments`, or use `${{{word}}}` in argv, environment or overlay"
            yield Problem(f"the setting `{word}` does not reach the bot", where, "nothing carries it", do)
        if word == "max_cycles" and "unit" in setting:
            unit = document.where(("settings", word, "unit"), key=True)
            yield Problem("`unit` measures nothing", unit, "max_cycles is a number of cycles", "take it out")
        yield from _arguments(document, word, setting)


def _arguments(document: Document, word: str, setting: Mapping[str, Any]) -> Iterator[Problem]:
    """In ``arguments`` only their own value has a name."""
    for number, text in enumerate(setting.get("arguments", ())):
        for name in PLACEHOLDER.findall(text):
            if name != "value":
                where = document.where(("settings", word, "arguments", number))
                yield Problem(f"unknown placeholder `${{{name}}}`", where, "there is: value", "use that one")
