"""Visiting the points: the recording first, then one arena process per visit, some at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from fleet_stress.faults import UNDER_VISITS
from fleet_stress.scenario import folders
from fleet_stress.scenario.arena import Arena
from fleet_stress.scenario.arena_handle import ArenaHandle
from fleet_stress.scenario.crash_points import classes, operations, visit_scenario
from fleet_stress.scenario.crash_points.points import Point, points
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
        self._running: dict[int, ArenaHandle] = {}
        self.entry: dict[str, Any] = {
            "at": arena.evidence.now(),
            "folders": list(self._folders),
            "recording": None,
            "cycle": [],
            "twice": None,
            "only": arena.point,
            "points": [],
        }

    def run(self) -> None:
        """Record, plan, visit. Raises ArenaFailed, Stopped, and CutShort for a bot with too much to copy each time."""
        limited = folders.too_much(self._seeds)
        if limited:
            self._arena.evidence.document["limited"] = limited
            raise CutShort("limited", limited)
        folder = self._arena.folder / visit_scenario.POINTS
        # Even if we are killed, what the visits made is undone: by themselves, or by their names in the journal.
        record = self._arena.undo.record("remove_tree", path=str(folder))
        try:
            todo = self._choose(self._record())
            self._visit(todo)
        finally:
            self._end_all()
            remove_tree(folder)
            self._arena.undo.carry_out(record, "remove_tree", {"path": str(folder)})

    def _record(self) -> tuple[list[operations.Operation], Mapping[str, Any]]:
        self._report("record the operations of some cycles")
        visit = self._begin(None, None, self._arguments["folder"])
        self._await({-1: visit})
        self.entry["recording"] = f"{visit_scenario.POINTS}/{visit_scenario.RECORDING}"
        folder = self._arena.evidence.folder / self.entry["recording"]
        seen = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        if seen["error"]:
            raise ArenaFailed(f"the recording: {seen['error']}")
        try:
            logs = {name: folder / f"{UNDER_VISITS.name}-{name}.jsonl" for name in self._folders}
            return operations.read(logs), seen
        except operations.Cut as problem:
            raise ArenaFailed(
                f"the recording is too long to be gone through: {problem}; record fewer cycles"
            ) from problem

    def _choose(self, recording: tuple[list[operations.Operation], Mapping[str, Any]]) -> dict[int, Point]:
        """Write all points into the evidence; returns those to visit, by their numbers."""
        done, seen = recording
        cycle = classes.steady(done, self._ends(done, seen))
        if cycle is None:
            return {}
        found = points(done, cycle, self._arguments["answers"])
        only = self._arena.point
        numbers = {point.name: number for number, point in enumerate(found, start=1)}
        self.entry.update(cycle=[kind.summary for kind in cycle.classes], twice=cycle.twice)
        self.entry["points"] = [
            {
                "name": point.name,
                "told": point.summary,
                "rule": point.rule,
                "folder": point.folder,
                "by": None if point.by is None else numbers[point.by],
                "evidence": None if point.by is not None else f"{visit_scenario.POINTS}/{number:03d}",
            }
            for number, point in enumerate(found, start=1)
        ]
        if only is not None and only not in numbers:
            raise ArenaFailed(f"there is no point {only!r}: the recording has {', '.join(numbers)}")
        todo = {numbers[point.by or point.name] for point in found if only in (None, point.name)}
        most = int(self._arguments["most"])
        if len(todo) > most:
            raise ArenaFailed(
                f"{len(todo)} points are to be visited, and `most` allows {most}: raise it in the scenario"
            )
        return {number: found[number - 1] for number in sorted(todo)}

    def _ends(self, done: list[operations.Operation], seen: Mapping[str, Any]) -> list[int]:
        """Where cycles end: by the file that marks them, where that agrees with what was counted, else by the clock."""
        counted = seen["starts"][0]["cycles"] if seen["starts"] else []
        role = self._arena.bot["cycle"]["file"]
        key = next((tracked.key for tracked in self._arena.tracked if tracked.role == role), "")
        if "/" in key:
            folder, _, path = key.partition("/")
            ends = classes.cycle_ends(done, folder, path)
            cycles = counted[-1]["n"] if counted else 0
            if cycles and len(ends) in (cycles, cycles + 1):  # one more: as the bot starts, or as it stops
                return ends[:cycles]
        # Both clocks run alike; that of the evidence began with the recording's arena.
        began = seen["clock"]
        return classes.ends_at(done, [began + float(entry["at"]) for entry in counted])

    def _visit(self, todo: dict[int, Point]) -> None:
        waiting, at_once = list(todo.items()), int(self._arguments["at_once"])
        while waiting or self._running:
            while waiting and len(self._running) < at_once:
                number, point = waiting.pop(0)
                self._running[number] = self._begin(number, [point.rule], point.folder)
            self._await(self._running)
            self._report(f"visit {len(todo) - len(waiting) - len(self._running)} of {len(todo)} points")

    def _begin(self, number: int | None, rules: Any, folder: str) -> ArenaHandle:
        arena = self._arena
        visit = visit_scenario.name_of(arena.scenario["id"], number)
        described = visit_scenario.of_visit(
            arena.scenario, self._arguments, visit, self._seeds, rules, folder
        )
        where = visit_scenario.document(arena.run, visit)
        where.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(where, described)
        return ArenaHandle(arena.run, described)

    def _await(self, running: dict[int, ArenaHandle]) -> None:
        """Wait until one of them has ended; it is taken out, and what it left is undone."""
        while True:
            for number, visit in list(running.items()):
                if visit.process.poll() is not None:
                    del running[number]
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
        remove_tree(self._arena.run.arenas / visit.scenario["id"])

    def _end_all(self) -> None:
        while any(visit.process.poll() is None for visit in self._running.values()):
            for visit in self._running.values():
                if visit.process.poll() is None:
                    visit.stop()
            time.sleep(0.02)
