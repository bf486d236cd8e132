"""The supervisor: the one process on a host that runs a plan to its end, whoever watches.

It starts one process per arena, ends those that pass their deadline, judges the evidence that they leave, and
writes the host's result. It depends on no connection. SIGTERM ends the run early: bots are ended, everything is
undone, and the result says so.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Callable

from fleet_stress import system
from fleet_stress.judge.judge import rows_are_meaningless
from fleet_stress.recovery import halt, lease, watchdog
from fleet_stress.recovery.host_lock import HostLock
from fleet_stress.recovery.journal import Journal
from fleet_stress.recovery.manual import records
from fleet_stress.recovery.recover import undo_run
from fleet_stress.recovery.undo import Undo
from fleet_stress.run import resource_floors
from fleet_stress.run.capabilities import by_user, unable
from fleet_stress.run.schedule import next_to_start, order
from fleet_stress.run.shared_network import SharedNetwork
from fleet_stress.run.verdicts import Verdicts
from fleet_stress.scenario.arena_handle import ArenaHandle
from fleet_stress.store import timestamps
from fleet_stress.store.layout import RunFolder, stored_plan
from fleet_stress.store.verdict import ERROR, FAILED, NOT_EXERCISED
from fleet_stress.system import bots_user, children, daemon, process

#: Seconds between two looks at the arenas.
_LOOK = 0.05
#: Seconds between two looks at what the host has left, and whether the watchdog lives.
_LOOK_AROUND = 2.0


class Supervisor:
    """Runs the plan of one run folder, or resumes it: what an earlier supervisor judged is not run again."""

    def __init__(self, run_folder: Path) -> None:
        self.run = RunFolder(run_folder)
        self.plan = stored_plan(self.run.plan, "plan_hash", "scenarios", "bot", "limits")
        self._stopped: dict[str, str] | None = None
        self._running: list[ArenaHandle] = []
        self._verdicts = Verdicts(self.run, self.plan)
        self._next_look = 0.0

    def _about(self) -> dict[str, Any]:
        """What whoever finds the host in use is told."""
        plan = self.plan
        of_plan = {"plan_hash": plan["plan_hash"], "profile": plan.get("profile"), "by": plan.get("by")}
        return {"run_id": self.run.run_id, "bot": plan["bot"].get("name"), **of_plan}

    def supervise(self) -> int:
        """Lock the host, run everything, write the result, release the host. Raises Busy."""
        began = time.monotonic()
        lock = HostLock(self.run.stress_dir, self._about())
        obstacle = self._obstacle()
        if obstacle:
            print(obstacle, file=sys.stderr)
            lock.release()
            return 1
        self._journal = Journal(self.run.journal, "supervisor")
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        self._ballast = resource_floors.Ballast(self.run.ballast)
        lease.grant(self.run.lease, float(self.plan["limits"]["lease"]))
        watchdog.arm_for_run(self.run)
        system.adopt_orphans()
        undo_run(self.run, self._journal)  # what an earlier supervisor of this run left
        user = process.user_named(self.plan["bot"]["user"])
        if bots_user.has_bots_only(user):
            Undo(self._journal).record("end_orphans", user=user.name)
        self._stay_awake()
        self.run.verdicts.mkdir(exist_ok=True)
        started = timestamps.now()
        self._journal.write("run_started", pid=os.getpid(), scenarios=len(self.plan["scenarios"]))
        try:
            self._run_all()
        except Exception as problem:  # an error of ours must not leave arenas, undo records and no result
            traceback.print_exc()
            self._stopped = {
                "by": f"a mistake of the engine ({type(problem).__name__}: {problem})",
                "at": timestamps.now(),
            }
            self._end_arenas()
        leftovers = undo_run(self.run, self._journal)
        children.collect_orphans()
        if self._ballast.drop() and leftovers:  # undone, perhaps, and no room to write it down
            leftovers = undo_run(self.run, self._journal)
        self._verdicts.store_result(started, time.monotonic() - began, self._stopped, leftovers)
        self._journal.write("run_ended", stopped=self._stopped)
        watchdog.dismiss(self.run)
        lock.release()
        return 0

    def _obstacle(self) -> str:
        """Why nothing may begin here. Checked again under the lock: a halt or a held fault may have come meanwhile."""
        held = ", ".join(name for name, left in records.held(self.run.stress_dir).items() if left > 0)
        return halt.sentence(self.run.stress_dir) or (f"held by hand on this host: {held}" if held else "")

    def _stay_awake(self) -> None:
        """Keep the host awake for as long as we live, by a program that ends with us."""
        command = system.stay_awake_command(os.getpid())
        if command is not None:
            pid = daemon.start(command, self.run.log)
            self._journal.write("awake" if pid else "may_sleep", pid=pid, by=" ".join(command))

    def _stop(self, number: int, _frame: object) -> None:
        halted = halt.halted(self.run.stress_dir)
        halt_reason = f"halt, by {halted.get('by')}: {halted.get('reason')}" if halted else None
        self._stop_because(halt_reason or signal.Signals(number).name)

    def _stop_because(self, who_or_what: str) -> None:
        if self._stopped is None:
            self._stopped = {"by": who_or_what, "at": timestamps.now()}

    def _write_durably(self, write: Callable[[], None]) -> None:
        """Write something; on a full disk the ballast makes room for it, and the run ends."""
        try:
            write()
        except OSError as problem:
            if problem.errno != errno.ENOSPC or not self._ballast.drop():
                raise
            self._stop_because("the full disk of this host: what was found could no longer be written")
            write()

    def _was_full(self) -> bool:
        """Whether the host's own disk, not a fault's, has been full; also where room came back since."""
        return resource_floors.full(self.run.stress_dir) or not self.run.ballast.exists()

    def _journal_entry(self, what: str, **details: Any) -> None:
        self._write_durably(lambda: self._journal.write(what, **details))

    def _look_around(self) -> None:
        """Now and then: does the host still have what it must keep, and does the watchdog live?"""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + _LOOK_AROUND
        starved = resource_floors.starved(self.run.stress_dir, self.plan["limits"])
        if starved:
            self._stop_because(f"{starved}. The run ended itself")
        watchdog.arm_for_run(self.run)

    def _run_all(self) -> None:
        waiting = []
        for scenario in self.plan["scenarios"]:
            scenario["exclusive"] = scenario["exclusive"] or by_user(scenario)
        self._shared = SharedNetwork(self.run, self.plan["bot"])
        self._write_durably(self._shared.store)
        for scenario in order(self.plan["scenarios"]):
            if not self._verdicts.resume(scenario):
                waiting.append(scenario)
        deadline = time.monotonic() + float(self.plan["limits"]["run_within"])
        while waiting or self._running:
            if time.monotonic() > deadline:
                self._stop_because("the run's own time limit")
            self._look_around()
            waiting = self._start_what_fits(waiting)
            waiting = [*self._look_after_running(), *waiting]
            if self._running:
                time.sleep(_LOOK)

    def _end_arenas(self) -> None:
        """Stop all arenas and wait; those that do not stop are killed."""
        while any(arena.process.poll() is None for arena in self._running):
            for arena in self._running:
                if arena.process.poll() is None:
                    arena.stop()
            time.sleep(_LOOK)

    def _start_what_fits(self, waiting: list[Any]) -> list[Any]:
        """Start or settle scenarios; returns those that still wait."""
        if self._stopped:
            for scenario in waiting:
                self._settle(scenario, ran=False)
            return []
        while waiting:
            running = [arena.scenario for arena in self._running]
            at_once = int(self.plan["limits"]["bots_at_once"])
            scenario = next_to_start(waiting, running, at_once, self._shared.would_meet)
            if scenario is None:
                break
            waiting = [later for later in waiting if later is not scenario]
            if self._skip(scenario) or rows_are_meaningless(self._verdicts.baseline()):
                self._settle(scenario, ran=False)
                continue
            self._journal_entry("scenario_started", scenario=scenario["id"], title=scenario["title"])
            self._running.append(ArenaHandle(self.run, dict(scenario)))
        return waiting

    def _skip(self, scenario: Any) -> bool:
        """Whether the scenario cannot be run here; why is put into it, for the judge."""
        scenario["skip"] = unable(self.plan, scenario)
        return scenario["skip"] is not None

    def _look_after_running(self) -> list[Any]:
        """Settle what has ended; returns what has to run again."""
        children.collect_orphans()
        again = []
        for arena in list(self._running):
            if arena.process.poll() is not None:
                self._running.remove(arena)
                process.end_all(self._strays())
                undo_run(self.run, self._journal, arena.scenario["id"], arena.journal_from)
                if arena.scenario["baseline"] and self._has_to_run_again(arena.scenario):
                    again.append(arena.scenario)
                else:
                    self._settle(arena.scenario, ran=True)
            elif self._stopped or time.monotonic() - arena.began > float(arena.scenario["within"]):
                arena.stop()
        return again

    def _has_to_run_again(self, baseline: Any) -> bool:
        """Whether the baseline shows that the bot needs another network than it had."""
        why = self._shared.learn(baseline["id"])
        self._write_durably(self._shared.store)
        if not why or self._stopped:
            return False
        self._journal_entry("baseline_again", why=why)
        return True

    def _strays(self) -> list[Any]:
        """Orphans of a dead arena, which the system gave to us: our children that are not an arena."""
        arenas = {arena.process.pid for arena in self._running}
        ours = {*arenas, watchdog.pid(self.run)}
        # Of our own children, never "all but those of living arenas": a living arena may start a bot between two
        # looks, which would be taken for a stray.
        strays = [child for child in process.living_children() if child.pid not in ours]
        return [*strays, *(kin for stray in strays for kin in process.descendants(stray.pid))]

    def _settle(self, scenario: Any, *, ran: bool) -> None:
        """Judge what a scenario left; the verdict is on disk before it is reported."""
        entry = self._verdicts.judge(scenario, ran=ran)
        if ran and scenario["baseline"]:
            entry["notes"] += self._shared.notes()
        if ran and entry["verdict"] in (FAILED, NOT_EXERCISED) and self._was_full():
            entry.update(verdict=ERROR, reasons=["the disk of this host was full while it ran"])
        if self._stopped and not ran and not scenario["skip"]:
            entry.update(verdict=ERROR, reasons=[f"not run: the run was stopped by {self._stopped['by']}"])
        self._write_durably(lambda: self._verdicts.store(entry))
        self._journal_entry(
            "scenario_ended",
            scenario=scenario["id"],
            row=scenario["row"],
            verdict=entry["verdict"],
            reasons=entry["reasons"][:1],
            seconds=entry["seconds"],
        )
