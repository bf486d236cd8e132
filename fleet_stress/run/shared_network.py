"""What the supervisor knows of the network that a run's arenas may share, and learns from the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fleet_stress.scenario import neighbours
from fleet_stress.store import bounded_read
from fleet_stress.store.errors import Damaged
from fleet_stress.store.layout import RunFolder


class SharedNetwork:
    """Of one run; what an earlier supervisor of it found out is taken over. ``store`` it before the first arena."""

    def __init__(self, run: RunFolder, bot: Mapping[str, Any]) -> None:
        self._run, self._bot = run, bot
        self._known = neighbours.stored(run) or neighbours.before_baseline(bot)

    def store(self) -> None:
        """For the arenas. Raises OSError."""
        neighbours.store(self._run, self._known)

    def would_meet(self, scenario: Mapping[str, Any]) -> bool:
        """Whether the bot of this scenario would meet its own copy in another arena for which this is true."""
        return self._known.would_meet(self._bot, scenario)

    def learn(self, baseline: str) -> str:
        """By what the baseline left. Why it has to run again, in another network; empty: it need not."""
        before = self._known
        try:
            seen = bounded_read.document(self._run.evidence / baseline / "evidence.json")
            self._known = neighbours.after_baseline(before, self._bot, seen)
        except (OSError, Damaged, KeyError, TypeError):  # the judge says what is wrong with it
            return ""
        return self._known.why if self._known.network != before.network else ""

    def notes(self) -> Iterator[str]:
        """For the reader of the baseline."""
        if self._known.network != neighbours.HOST:
            return
        fixed = ", ".join(self._known.taken) or ("its profile says so" if self._bot.get("fixed_port") else "")
        if fixed:
            yield f"its rows run one after another: it takes the same at each start ({fixed}), and {self._shared()}"

    def _shared(self) -> str:
        return f"arenas share the host's network here: {self._known.why}"
