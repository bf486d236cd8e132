"""The bot as the steps of a scenario see it: its newest start, which is watched while a step waits."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from typing import Any, Callable

from fleet_stress.observe.sampling import Sampling
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.bot_start import Start
from fleet_stress.scenario.early_end import ArenaFailed, CutShort


class CurrentBot:
    """The newest start of the bot in an arena; ``start`` is None before the first one."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena
        self.start: Start | None = None
        #: Of this start and later ones; None: no samples are taken.
        self._sampling: Sampling | None = None

    @property
    def running(self) -> bool:
        """Whether it has been started and has not exited."""
        return self.start is not None and self.start.running

    def started(self) -> Start:
        """The newest start, also when it has exited. Raises ArenaFailed where there is none."""
        if self.start is None:
            raise ArenaFailed("the scenario waits for a bot that it never started; put a start step first")
        return self.start

    def launch(self, settings: Mapping[str, Any]) -> None:
        """Start it. Raises ArenaFailed where it runs, or its command line cannot be started."""
        if self.running:
            raise ArenaFailed("the scenario starts the bot while it runs; end it first")
        try:
            self.start = Start(self._arena, settings)
        except (OSError, subprocess.SubprocessError) as problem:
            argv = " ".join(self._arena.bot["argv"])
            raise ArenaFailed(
                f"the bot's command line cannot be started: {argv}: {problem}; correct argv in its profile"
            ) from problem
        if self._sampling is not None:
            self._sampling.begin_start()
            self.start.sampling = self._sampling

    def sample(self, every: float) -> None:
        """From now on take a sample every so many seconds. Raises OSError."""
        arena = self._arena
        if self._sampling is None:
            self._sampling = Sampling(arena.evidence, every, arena.processes.now, arena.folders_of_bot)
        else:
            self._sampling.every(every)
        if self.start is not None:
            self.start.sampling = self._sampling

    def samples(self) -> int:
        """How many samples were taken. Raises ArenaFailed where the scenario takes none."""
        if self._sampling is None:
            raise ArenaFailed("the scenario waits for samples and takes none; put a sample step first")
        return self._sampling.taken

    def poll(self) -> None:
        """Look at once, where it runs: what it did until now it did not do after this."""
        if self.start is not None and self.start.running:
            self._arena.watch.poll(self.start.entry)

    def tick(self) -> None:
        """Wait until the next look while something else goes on; a running bot is watched as always."""
        self.poll()
        if self.start is not None and self.start.running and self.start.sampling is not None:
            self.start.sampling.look(self.start.entry, self._arena.watch.cycles)
        self._arena.tick()

    def await_event(
        self, happened: Callable[[], bool], summary: str, within: float, late: str = "timeout"
    ) -> None:
        """Wait until something has happened. Raises CutShort when it does not, or the bot ends before.

        ``summary`` says what is waited for, ``late`` is the outcome where it does not happen in time.
        """
        start = self.started()
        outcome = start.wait(happened, within)
        if outcome == "timeout":
            start.end()
            raise CutShort(late, f"{summary}: it did not happen within {within:g} s")
        if outcome == "bot_ended":
            raise CutShort("bot_ended", f"{summary}: the bot ended before")

    def await_event_or_time(self, happened: Callable[[], bool], summary: str, at_most: float) -> None:
        """The same, but no longer than that: then it runs on. Raises CutShort where it ends before."""
        if self.started().wait(happened, at_most) == "bot_ended":
            raise CutShort("bot_ended", f"{summary}: the bot ended before")

    def pass_time(self, seconds: float) -> None:
        """Let time pass. A bot that runs at its beginning must not end: raises CutShort."""
        if seconds <= 0:
            return
        deadline = time.monotonic() + seconds
        if self.start is None or not self.start.running:
            while time.monotonic() < deadline:
                self._arena.tick()
        elif self.start.wait(lambda: time.monotonic() >= deadline, seconds + 60) == "bot_ended":
            raise CutShort(
                "bot_ended", f"the bot ended by itself within the {seconds:g} s that it had to run"
            )

    def end(self) -> None:
        """End it, where it still runs."""
        if self.start is not None:
            self.start.end()
