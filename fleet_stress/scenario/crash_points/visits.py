"""Going to the points: the recording first, then one arena's process a visit, some at once."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from fleet_stress.scenario.arena import Arena, ArenaFailed
from fleet_stress.scenario.arena_handle import ArenaHandle
from fleet_stress.scenario.crash_points import classes, operations, visit_scenario
from fleet_stress.scenario.crash_points import points as plan
from fleet_stress.store.atomic import write_atomic
from fleet_stress.store.deletion import remove_tree
from fleet_stress.system import process

#: The folders of a bot that can be covered.
_FOLDERS = {"both": ("state", "log"), "state": ("state",), "log": ("log",)}


class Visits:
    """One ``visit`` step of a scenario; ``entry`` is its entry in ``evidence.visits``."""

    def __init__(self, arena: Arena, arguments: Mapping[str, Any], told: Callable[[str], None]) -> None:
        """``told`` is told how far it is, in a few words."""
        self._arena, self._arguments, self._tell = arena, arguments, told
        self._folders = _FOLDERS[arguments["folder"]]
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
        """Record, plan, visit. Raises ArenaFailed, Stopped."""
        points = self._arena.folder / visit_scenario.POINTS
        # Whatever becomes of us, what the visits made is undone: by themselves, or by their names in the journal.
        record = self._arena.undo.record("remove_tree", path=str(points))
        try:
            todo = self._plan(self._record())
            self._visit(todo)
        finally:
            self._end_all()
            remove_tree(points)
            self._arena.undo.carry_out(record, "remove_tree", {"path": str(points)})

    def _record(self) -> tuple[list[operations.Operation], Mapping[str, Any]]:
        self._tell("record the operations of some cycles")
        visit = self._begin(None, None, self._arguments["folder"])
        self._await({-1: visit})
        self.entry["recording"] = f"{visit_scenario.POINTS}/{visit_scenario.RECORDING}"
        folder = self._arena.evidence.folder / self.entry["recording"]
        seen = json.loads((folder / "evidence.json").read_text(encoding="utf-8"))
        if seen["error"]:
            raise ArenaFailed(f"the recording: {seen['error']}")
        try:
            logs = {name: folder / f"faulty_fs-{name}.jsonl" for name in self._folders}
            return operations.read(logs), seen
        except operations.Cut as problem:
            raise ArenaFailed(
                f"the recording is too long to be gone through: {problem}; record fewer cycles"
            ) from problem

    def _plan(self, recording: tuple[list[operations.Operation], Mapping[str, Any]]) -> dict[int, plan.Point]:
        """The points, in the evidence; returns those that are to be visited, by their numbers."""
        done, seen = recording
        cycle = classes.steady(done, self._ends(done, seen))
        if cycle is None:
            return {}
        found = plan.points(done, cycle, self._arguments["answers"])
        only = self._arena.point
        known = {one.name: number for number, one in enumerate(found, start=1)}
        self.entry.update(cycle=[one.told for one in cycle.classes], twice=cycle.twice)
        self.entry["points"] = [
            {
                "name": one.name,
                "told": one.told,
                "rule": one.rule,
                "folder": one.folder,
                "by": None if one.by is None else known[one.by],
                "evidence": None if one.by is not None else f"{visit_scenario.POINTS}/{number:03d}",
            }
            for number, one in enumerate(found, start=1)
        ]
        wanted = {number: one for number, one in enumerate(found, start=1) if only in (None, one.name)}
        if only is not None and not wanted:
            raise ArenaFailed(f"there is no point {only!r}: the recording has {', '.join(known)}")
        numbers = {number if one.by is None else known[one.by] for number, one in wanted.items()}
        most = int(self._arguments["most"])
        if len(numbers) > most:
            raise ArenaFailed(
                f"{len(numbers)} points are to be visited, and `most` allows {most}: raise it in the scenario"
            )
        return {number: found[number - 1] for number in sorted(numbers)}

    def _ends(self, done: list[operations.Operation], seen: Mapping[str, Any]) -> list[int]:
        """Where cycles end: by the file that tells them, where that agrees with what was counted, else by the clock."""
        counted = seen["starts"][0]["cycles"] if seen["starts"] else []
        tells = next(
            (one for one in self._arena.tracked if one.role == self._arena.bot["cycle"]["file"]), None
        )
        if tells is not None and "/" in tells.key:
            folder, _, path = tells.key.partition("/")
            ends = classes.cycle_ends(done, folder, path)
            cycles = counted[-1]["n"] if counted else 0
            if cycles and len(ends) in (cycles, cycles + 1):  # the one more: as it starts, or as it stops
                return ends[:cycles]
        # Both clocks run alike; the one of the evidence began with the recording's arena.
        began = seen["clock"]
        return classes.ends_at(done, [began + float(one["at"]) for one in counted])

    def _visit(self, todo: dict[int, plan.Point]) -> None:
        waiting, at_once = list(todo.items()), int(self._arguments["at_once"])
        while waiting or self._running:
            while waiting and len(self._running) < at_once:
                number, point = waiting.pop(0)
                self._running[number] = self._begin(number, [point.rule], point.folder)
            self._await(self._running)
            self._tell(f"visit {len(todo) - len(waiting) - len(self._running)} of {len(todo)} points")

    def _begin(self, number: int | None, rules: Any, folder: str) -> ArenaHandle:
        arena = self._arena
        visit = visit_scenario.name_of(arena.scenario["id"], number)
        seed = {name: str(arena.folder / name) for name in ("state", "log")}
        described = visit_scenario.of_visit(arena.scenario, self._arguments, visit, seed, rules, folder)
        where = visit_scenario.document(arena.run, visit)
        where.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(where, described)
        return ArenaHandle(arena.run, described)

    def _await(self, running: dict[int, ArenaHandle]) -> None:
        """Until one of them has ended; it is taken out, and what it left is undone."""
        while True:
            for number, one in list(running.items()):
                if one.process.poll() is not None:
                    del running[number]
                    self._clean_up(one, running)
                    return
                if time.monotonic() - one.began > float(one.scenario["within"]):
                    one.stop()
            self._arena.tick()

    def _clean_up(self, one: ArenaHandle, others: Mapping[int, ArenaHandle]) -> None:
        """A visit undoes its own; one that was killed is undone from the journal."""
        process.reap(keep=[other.process.pid for other in others.values()])
        failures = self._arena.undo_of(one.scenario["id"])
        if failures:
            raise ArenaFailed("could not be undone: " + "; ".join(failures))
        remove_tree(self._arena.run.arenas / one.scenario["id"])

    def _end_all(self) -> None:
        while any(one.process.poll() is None for one in self._running.values()):
            for one in self._running.values():
                if one.process.poll() is None:
                    one.stop()
            time.sleep(0.02)
