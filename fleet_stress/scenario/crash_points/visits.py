"""Visiting the points: the recordings first, then one arena process per visit, some at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from fleet_stress.scenario import folders
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.arena_handle import ArenaHandle
from fleet_stress.scenario.crash_points import recording, visit_scenario
from fleet_stress.scenario.crash_points.compare import Recorded, Steady, steady
from fleet_stress.scenario.crash_points.order import order
from fleet_stress.scenario.crash_points.points import Point, occasional, points
from fleet_stress.scenario.early_end import ArenaFailed, CutShort
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.deletion import remove_tree
from fleet_stress.system import children

#: The folders of a bot that can be covered.
_FOLDERS = {"both": ("state", "log"), "state": ("state",), "log": ("log",)}


class Visits:
    """One ``visit`` step of a scenario; ``entry`` is its entry in ``evidence.visits``."""

    def __init__(self, arena: Arena, arguments: Mapping[str, Any], report: Callable[[str], None]) -> None:
        """``report`` takes the progress, in a few words."""
        self._arena, self._arguments, self._report = arena, arguments, report
        self._folders = _FOLDERS[arguments["folder"]]
        self._seeds = {name: str(arena.folder / name) for name in ("state", "log")}
        self._running: dict[int | str, ArenaHandle] = {}
        #: Bots that would meet each other visit one after another.
        self._at_once = 1 if arena.would_meet else int(arguments["at_once"])
        self.entry: dict[str, Any] = {
            "at": arena.evidence.now(),
            "folders": list(self._folders),
            "recording": None,
            "compared": 0,
            "cycle": [],
            "sometimes": [],
            "only": arena.point,
            "budget": arguments.get("budget"),
            "every_class": bool(arguments.get("every_class")),
            "points": [],
        }

    def run(self) -> None:
        """Record, plan, visit. Raises ArenaFailed, Stopped, and CutShort for a bot with too much to copy each time."""
        limited = folders.too_much(self._seeds)
        if limited:
            self._arena.evidence.document["limited"] = limited
            raise CutShort("limited", limited)
        folder = self._arena.run.visits(self._arena.scenario["id"])
        # Even if we are killed, what the visits made is undone: by themselves, or by their names in the journal.
        record = self._arena.undo.record("remove_tree", path=str(folder))
        folder.mkdir(mode=0o711, exist_ok=True)
        try:
            self._visit(self._choose(self._record()))
        finally:
            self._end_all()
            remove_tree(folder)
            self._arena.undo.carry_out(record, "remove_tree", {"path": str(folder)})

    def _record(self) -> list[Recorded]:
        """The bot starts twice from the same state; side by side, where it may."""
        self._report("record the operations of some cycles")
        names = visit_scenario.RECORDINGS
        for name in names:
            self._running[name] = self._begin(name, None, self._arguments["folder"])
            if self._at_once == 1:
                self._await_one()
        while self._running:
            self._await_one()
        places = [f"{visit_scenario.POINTS}/{name}" for name in names]
        self.entry["recording"] = places[0]
        evidence, marker = self._arena.evidence.folder, self._marker()
        return [recording.read(evidence / place, self._folders, marker) for place in places]

    def _marker(self) -> str:
        """The file that marks the end of a cycle: ``state/health.json``; empty: there is none in these folders."""
        role = self._arena.bot["cycle"]["file"]
        return next((tracked.key for tracked in self._arena.tracked if tracked.role == role), "")

    def _choose(self, recordings: list[Recorded]) -> list[tuple[int, Point]]:
        """Write all points into the evidence; returns those to visit with their numbers, in their order."""
        # On a slow host cycles may go unseen; a recording without any says nothing.
        recordings = [recorded for recorded in recordings if recorded.cycles]
        cycle = steady(recordings, time.time())
        if cycle is None:
            return []
        found = points(recordings[0].operations, cycle, self._arguments["answers"])
        rare = occasional(recordings, cycle, self._arguments["answers"])
        found += rare
        only = self._arena.point
        numbers = {point.name: number for number, point in enumerate(found, start=1)}
        with_point = {point.kind.summary for point in rare}
        without = [words for words in cycle.sometimes if words not in with_point]
        self.entry.update(compared=cycle.compared, cycle=_classes(cycle), sometimes=without)
        self.entry["points"] = [
            {
                "name": point.name,
                "told": point.summary,
                "class": f"{point.answer} {point.kind.kind}",
                "rule": point.rule,
                "folder": point.folder,
                "by": None if point.by is None else numbers[point.by],
                "evidence": None,
                **({"sometimes": True} if point in rare else {}),
            }
            for point in found
        ]
        todo = order(found)[: self._arguments.get("most")]
        if only is not None:
            if only not in numbers:
                raise ArenaFailed(f"there is no point {only!r}: the recording has {', '.join(numbers)}")
            todo = [found[numbers[only] - 1].by or only]
        return [(numbers[name], found[numbers[name] - 1]) for name in todo]

    def _visit(self, waiting: list[tuple[int, Point]]) -> None:
        """Begin visits until all are done, or the budget is spent: the first ones are visited in any case."""
        total, at_once, began = len(waiting), self._at_once, time.monotonic()
        while waiting or self._running:
            while waiting and len(self._running) < at_once:
                if self._spent(began) and total - len(waiting) >= at_once:
                    waiting = []
                    break
                number, point = waiting.pop(0)
                self.entry["points"][number - 1]["evidence"] = f"{visit_scenario.POINTS}/{number:03d}"
                self._running[number] = self._begin(number, [point.rule], point.folder)
            if self._running:
                self._await_one()
            done = total - len(waiting) - len(self._running)
            self._report(f"visit {done} of {total} points")

    def _spent(self, began: float) -> bool:
        budget = self.entry["budget"]
        return budget is not None and time.monotonic() - began >= float(budget)

    def _begin(self, visit: int | str, rules: Any, folder: str) -> ArenaHandle:
        arena = self._arena
        name = visit_scenario.name_of(arena.scenario["id"], visit)
        described = visit_scenario.of_visit(arena.scenario, self._arguments, name, self._seeds, rules, folder)
        where = visit_scenario.document(arena.run, name)
        where.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(where, described)
        return ArenaHandle(arena.run, described)

    def _await_one(self) -> None:
        """Wait until one of them has ended; it is taken out, and what it left is undone."""
        while True:
            for name, visit in list(self._running.items()):
                if visit.process.poll() is not None:
                    del self._running[name]
                    self._clean_up(visit)
                    return
                if time.monotonic() - visit.began > float(visit.scenario["within"]):
                    visit.stop()
            self._arena.tick()

    def _clean_up(self, visit: ArenaHandle) -> None:
        """A visit undoes what it did; where it was killed, that is done here from the journal."""
        children.collect_orphans()
        failures = self._arena.undo_of(visit.scenario["id"])
        if failures:
            raise ArenaFailed("could not be undone: " + "; ".join(failures))
        remove_tree(self._arena.run.arena(visit.scenario["id"]))

    def _end_all(self) -> None:
        while any(visit.process.poll() is None for visit in self._running.values()):
            for visit in self._running.values():
                if visit.process.poll() is None:
                    visit.stop()
            time.sleep(0.02)


def _classes(cycle: Steady) -> list[str]:
    """The classes of operations of a cycle, for people, each once."""
    return list(dict.fromkeys(kind.kind for kind in cycle.classes if kind is not None))
