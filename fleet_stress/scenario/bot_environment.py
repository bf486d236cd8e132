"""The environment of the bot and its companions, built from nothing: no credentials cross over (principle 5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.observe import bot_files
from fleet_stress.scenario import start_settings
from fleet_stress.store.layout import MARK_VARIABLE
from fleet_stress.system.process import User


class BotEnvironment:
    """Builds environments for one arena."""

    def __init__(
        self,
        bot: Mapping[str, Any],
        user: User,
        mark: str,
        places: Mapping[str, str],
        from_faults: Mapping[str, str],
        *,
        https: bool,
    ) -> None:
        """``places`` and ``from_faults`` are read anew each time; ``https``: the bot asks its exchange by it."""
        self._bot, self._user, self._mark, self._places = bot, user, mark, places
        self._from_faults = from_faults
        #: Where the arena's own is mounted over the system's: a socket's path may have 107 characters and no more
        #: (unix(7)), of which Python's multiprocessing needs 32. None: by its long name.
        self.temporary: str | None = None
        self._own = {**bot.get("environment", {}), **(bot["exchange"]["https"] if https else {})}

    def of_bot(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """Of a start with ``settings``: what its profile and its step say, and what active faults add."""
        own, added = self.without_faults(settings), dict(self._from_faults)
        if "PYTHONPATH" in own and "PYTHONPATH" in added:
            added["PYTHONPATH"] += f":{own['PYTHONPATH']}"
        return {**own, **added}

    def without_faults(self, settings: Mapping[str, Any]) -> dict[str, str]:
        """The same without what faults add, for what must work whatever happens to the bot."""
        words = self._bot.get("settings", {})
        places = {**self._places, **start_settings.values(words, settings)}
        own = {name: bot_files.fill(str(value), places) for name, value in self._own.items()}
        return {**self.of_companion(), **own, **start_settings.variables(words, settings)}

    def of_companion(self) -> dict[str, str]:
        """Without what the profile adds, whose values may depend on companions (``${exchange.ready}``)."""
        return {
            "PATH": f"{Path(self._bot['python']).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": self._places["home_dir"],
            "TMPDIR": self.temporary or self._places["tmp_dir"],
            "USER": self._user.name,
            "LOGNAME": self._user.name,
            "LANG": system.LOCALE,
            MARK_VARIABLE: self._mark,
        }
