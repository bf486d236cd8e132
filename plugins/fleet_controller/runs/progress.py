"""How far one host is: what its news say, put together for whoever draws it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from fleet_controller.messages.text import in_one_line, plain
from fleet_controller.planning.estimates import left
from fleet_stress.store.verdict import ORDER, PASSED, SKIPPED

#: Characters of a host's words that are drawn.
_STEP, _REASON = 80, 160
#: Reasons of a verdict that the page tells while a run goes on, and characters of one.
_TOLD, _REASONS = 3, 400
#: So often one scenario may ask for a hand, where a person does what a fault cannot.
_ASKS = 20
#: The newest bad verdicts of a host that are told.
_LATEST = 3


class Doing(NamedTuple):
    """A scenario in progress, its step, and since when (seconds of ``time.monotonic``)."""

    scenario: str
    step: str
    since: float


class Bad(NamedTuple):
    """A verdict that a person wants to see at once."""

    row: str
    scenario: str
    verdict: str
    reason: str


class State(NamedTuple):
    """One host at one moment. Its texts are fit for a terminal."""

    host: str
    #: So many hosts are watched by the same command.
    hosts: int
    #: So many scenarios has its plan.
    scenarios: int
    counts: dict[str, int]
    doing: list[Doing]
    bad: list[Bad]
    #: Seconds from ``at`` (of ``time.monotonic``, the same for all processes of a machine) on.
    left: float
    at: float
    #: Seconds since its first scenario began, at ``at``.
    elapsed: float

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> State:
        """From what became of it as JSON."""
        doing, bad = [Doing(*item) for item in told["doing"]], [Bad(*item) for item in told["bad"]]
        return cls(**{**told, "doing": doing, "bad": bad})


class Progress:
    """Follows one host's plan. ``hosts``: how many are watched by the same command."""

    def __init__(
        self, plan: Mapping[str, Any], hosts: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._plan, self._hosts, self._clock = plan, hosts, clock
        self._known = {scenario["id"] for scenario in plan["scenarios"]}
        self._began: dict[str, float] = {}
        self._steps: dict[str, Doing] = {}
        self._ended: dict[str, float] = {}
        self._counts: Counter[str] = Counter()
        self._bad: list[Bad] = []
        self._rows: dict[str, dict[str, Any]] = {}
        self._asks: Counter[str] = Counter()

    def heard(self, entry: Mapping[str, Any]) -> bool:
        """One piece of news, as ``poll.read`` gives it; False: it says nothing, and nobody need be told.

        So it is with what speaks of no scenario of the plan, or of one that has ended: a host cannot go on for ever.
        """
        what, scenario = entry["what"], str(entry.get("scenario") or entry.get("who"))
        if scenario not in self._known or scenario in self._ended:
            return False
        if what == "operator":
            self._asks[scenario] += 1
            return self._asks[scenario] <= _ASKS
        if what in ("scenario_started", "step"):
            since = self._clock() - float(entry.get("age", 0.0))
            self._began.setdefault(scenario, since)
            step = in_one_line(plain(entry.get("detail", "starts")), _STEP)
            self._steps[scenario] = Doing(scenario, step, since)
            self._rows.setdefault(scenario, {"since": round(time.time() - (self._clock() - since))})
        elif what == "scenario_ended":
            if entry["verdict"] not in ORDER:
                return False
            verdict, reasons = entry["verdict"], entry["reasons"]
            self._ended[scenario] = float(entry["seconds"])
            self._steps.pop(scenario, None)
            self._counts[verdict] += 1
            said = [in_one_line(plain(reason), _REASONS) for reason in reasons[:_TOLD]]
            self._rows[scenario] = {"verdict": verdict, "reasons": said, "seconds": self._ended[scenario]}
            if verdict not in (PASSED, SKIPPED):
                reason = in_one_line(plain(reasons[0]), _REASON) if reasons else ""
                row = in_one_line(plain(entry["row"]), _STEP)
                self._bad = [*self._bad, Bad(row, scenario, verdict, reason)][-_LATEST:]
        return True

    def rows(self) -> dict[str, Any]:
        """What is known of each row of the plan; nothing of one that waits.

        Of one in progress ``since`` (seconds since the epoch), of one that has ended ``verdict``, ``reasons`` and
        ``seconds``.
        """
        return {name: self._rows.get(name, {}) for name in sorted(self._known)}

    def state(self) -> State:
        """How far the host is now."""
        now = self._clock()
        bots = int(self._plan["limits"]["bots_at_once"])
        running = {name: now - self._began[name] for name in self._steps}
        return State(
            host=self._plan["host"],
            hosts=self._hosts,
            scenarios=len(self._known),
            counts={word: self._counts[word] for word in ORDER if self._counts[word]},
            doing=sorted(self._steps.values(), key=lambda step: step.since),
            bad=self._bad,
            left=left(self._plan["scenarios"], bots, self._ended, running),
            at=now,
            elapsed=now - min(self._began.values(), default=now),
        )
