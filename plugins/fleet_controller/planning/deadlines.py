"""How long a scenario takes, and what can happen at all: walks along with its steps.

Two sums, in seconds: ``estimate`` orders the scenarios and tells the time left; ``within`` is what all steps
together may take. Deadlines come from intervals, cycles and the bot profile, never from a machine's speed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet_stress.store.contract import ends_within, notices_within

#: An interpreter starts; a bot ends after a signal. Estimates.
_START, _STOP = 0.3, 0.3
#: A page is asked: an interpreter starts and imports a web framework.
_PROBE, _PROBE_WITHIN = 1.0, 120.0
#: A command of a scenario, an estimate.
_COMMAND = 1.0
#: A person walks to a host.
_BY_HAND, _BY_HAND_WITHIN = 60.0, 900.0
#: Where a start does not say its interval, the bot's own holds, which nobody told us.
_UNKNOWN_INTERVAL = 60.0
#: A sample is taken: an estimate, and of a bot with hundreds of processes.
_SAMPLE, _SAMPLE_WITHIN = 0.1, 60.0
#: A bot notices that it is cut off, or no longer is, and says so: an estimate.
_TOLD = 2.0
#: A cycle's own time, for deadlines, where a start does not say a timeout.
_CYCLE_TIMEOUT = 10.0
_EXIT_MARGIN = 60.0
#: Starting and faults are the engine's own work.
_ENGINE_WITHIN = 60.0


class Impossible(Exception):
    """These steps cannot work in this order: what, why, and what to do."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(what)
        self.what, self.why, self.do = what, why, do


class Pace:
    """Follows one bot through its starts. Methods return the deadline of their step in seconds."""

    def __init__(self, bot: Mapping[str, Any]) -> None:
        self.estimate = 0.0
        self.within = 0.0
        self._bot = bot
        #: From a fault that slows cycles on: what began under it may last beyond it.
        self.slowed = False
        self._settings: Mapping[str, Any] | None = None
        self._cycles = 0

    @property
    def limit(self) -> int | None:
        """After how many cycles the running bot is to end; None: it does not run, or on and on."""
        return int((self._settings or {}).get("max_cycles") or 0) or None

    def start(self, settings: Mapping[str, Any]) -> None:
        """The bot starts. Raises Impossible while it runs."""
        if self._settings is not None:
            do = "end it first: a signal, or wait until exit"
            raise Impossible("the bot is started while it runs", "one runs at a time", do)
        self._settings, self._cycles = settings, 0
        self.take(_START, _ENGINE_WITHIN)

    def cycles(self, count: int, within: float | None) -> float:
        """It has finished ``count`` cycles. Raises Impossible if it does not run or ends before."""
        settings = self._running("waits for cycles of a bot that does not run")
        limit = settings.get("max_cycles", "")
        if limit != "" and count > limit:
            do = "raise max_cycles, or wait for less"
            raise Impossible(
                f"waits for cycle {count} of a bot that ends after {limit}", "max_cycles says so", do
            )
        within = self._deadline(settings, count - 1) if within is None else within
        self.take(self._until(settings, count), within)
        return within

    def more_cycles(self, count: int, within: float | None) -> float:
        """It has finished ``count`` cycles more. Raises Impossible if it does not run or ends before."""
        return self.cycles(self._cycles + count, within)

    def cycles_or_time(self, count: int, at_most: float) -> float:
        """It has finished ``count`` cycles, or the time is over. Raises Impossible if it does not run."""
        settings = self._running("waits for cycles of a bot that does not run")
        before = self._cycles
        self.take(min(self._until(settings, count), at_most), at_most)
        self._cycles = before  # how far it got is not known
        return at_most

    def met(self, count: int, within: float | None) -> float:
        """It has met a fault so often, at least once a cycle. Raises Impossible if it does not run.

        What it counts itself meanwhile cannot be told: a bot whose disk is full tells no cycles.
        """
        settings = self._running("waits for a bot that does not run to meet a fault")
        within = self._deadline(settings, count) if within is None else within
        self.take(count * (float(self._bot["cycle_seconds"]) + self._interval(settings)), within)
        return within

    def samples(self, count: int, within: float | None) -> float:
        """So many samples were taken of it. Raises Impossible if it does not run.

        Of a bot that is dear to look at few are taken; how often nobody knows before.
        """
        self._running("waits for samples of a bot that does not run")
        within = count * _SAMPLE_WITHIN if within is None else within
        self.take(count * _SAMPLE, within)
        return within

    def told(self, within: float | None) -> float:
        """It has said that its data are live, or no longer. Raises Impossible if it does not run.

        The engine waits as long as the profile says (``notices_within``), longer where a cycle took long here before.
        """
        settings = self._running("waits for a bot that does not run to say something")
        cycle = self._deadline(settings, 1) - self._deadline(settings, 0)
        within = notices_within(self._bot, cycle) if within is None else within
        self.take(min(_TOLD, within), within)
        return within

    def exit(self, within: float | None) -> float:
        """It has ended by itself. Raises Impossible if it does not run, or never would."""
        settings = self._running("waits for the exit of a bot that does not run")
        limit = settings.get("max_cycles", "")
        if limit == "" and within is None:
            why = "its max_cycles is unlimited or not given, so it never ends by itself"
            raise Impossible(
                "waits for the exit of a bot that does not end", why, "give max_cycles, or a within"
            )
        count = int(limit or 1)
        within = self._deadline(settings, count) + _EXIT_MARGIN if within is None else within
        self.take(self._until(settings, count), within)
        self._settings = None
        return within

    def by_hand(self, within: float | None) -> float:
        """A person does something while it runs. Raises Impossible if it does not."""
        self._running("waits for a cable while no bot runs")
        within = _BY_HAND_WITHIN if within is None else within
        self.take(_BY_HAND, within)
        return within

    def signal(self, aim_within: float) -> None:
        """It is sent a signal, at the latest after ``aim_within`` seconds, and ends. Raises Impossible."""
        self._running("sends a signal to a bot that does not run")
        self._settings = None
        self.take(_STOP, aim_within + ends_within(self._bot))

    def fault(self) -> None:
        """The engine applies a fault."""
        self.take(0.0, _ENGINE_WITHIN)

    def probe(self) -> float:
        """One of its pages is asked, which imports the bot's web anew."""
        self.take(_PROBE, _PROBE_WITHIN)
        return _PROBE_WITHIN

    def command(self, within: float) -> None:
        """The scenario runs a command of its own, and its processes are ended."""
        self.take(min(_COMMAND, within), within + _ENGINE_WITHIN)

    def ended(self, otherwise: str) -> None:
        """It does not run. Raises Impossible if it does."""
        if self._settings is not None:
            why, do = (
                "each point is visited by a bot of its own",
                "end it first: a signal, or wait until exit",
            )
            raise Impossible(otherwise, why, do)

    def take(self, estimate: float, within: float) -> None:
        """Time passes: so much probably, so much at most."""
        self.estimate += estimate
        self.within += within

    def _running(self, otherwise: str) -> Mapping[str, Any]:
        if self._settings is None:
            raise Impossible(
                otherwise, "no start stands before it, or the bot has ended since", "start it first"
            )
        return self._settings

    def _until(self, settings: Mapping[str, Any], count: int) -> float:
        """An estimate of the seconds until so many cycles; the first comes without an interval before it."""
        left = max(0, count - self._cycles)
        pauses = max(0, left - 1) if self._cycles == 0 else left
        self._cycles = max(count, self._cycles)
        return left * float(self._bot["cycle_seconds"]) + pauses * self._interval(settings)

    def _deadline(self, settings: Mapping[str, Any], count: int) -> float:
        """The first cycle has its own deadline, and may come after an interval; others may take that and a timeout."""
        first = float(self._bot["first_cycle_within"])
        timeout = max(
            float(settings.get("cycle_timeout", _CYCLE_TIMEOUT)),
            5 * float(self._bot["cycle_seconds"]),
            first if self.slowed else 0.0,
        )
        interval = self._interval(settings)
        return first + interval + count * (interval + timeout)

    def _interval(self, settings: Mapping[str, Any]) -> float:
        """None of ours for a bot without such a setting: ``cycle_seconds`` is all of its pace."""
        own_pace = "scan_interval" not in self._bot["settings"]
        return float(settings.get("scan_interval", 0.0 if own_pace else _UNKNOWN_INTERVAL))
