"""Runs a (broken) reference bot through scenarios of the real catalogue: compiler and engine, no Ansible."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml
from fleet_controller.planning.compile_command import compile_command
from fleet_controller.planning.compile_plan import plan_of

from fleet_stress.recovery import host_lock
from fleet_stress.recovery.recover import recover
from fleet_stress.run.handover import hand_over
from fleet_stress.store import layout
from fleet_stress.store.bot_copy import lay_over
from fleet_stress.store.plan_steps import all_steps
from tests import in_memory

from .mutant import REFERENCE_BOT, ROOT, Mutant

#: Bots mostly sleep, so many of them share two cores; more than the compiler would allow on these.
BOTS_AT_ONCE = 12
#: As long as that, points are visited. Seconds.
_VISITS_WITHIN = 600.0
HEALTHY = Mutant("healthy", "nothing", [], {}, [], [], {}, None, False)
HEALTHY_SQLITE = HEALTHY._replace(name="healthy_sqlite", profile="reference_sqlite")

_Entries = dict[str, dict[str, Any]]


class Bench:
    """A host's place for one test."""

    def __init__(self, stress_dir: Path) -> None:
        self.stress_dir = stress_dir
        #: Of the last run, as its plan has them, by id.
        self.scenarios: dict[str, dict[str, Any]] = {}

    def run(
        self,
        mutant: Mutant,
        scenarios: list[str] | str,
        *,
        baseline: bool = True,
        point: str | None = None,
    ) -> _Entries:
        """The entries of ``result.json`` by scenario.

        Without ``baseline`` nothing is excused by it. ``point``: the only one that is visited.
        """
        plan = self._plan(mutant, scenarios)
        plan["point"] = point
        if not baseline:
            plan["scenarios"] = [scenario for scenario in plan["scenarios"] if not scenario["baseline"]]
        return self.run_plan(plan)

    def run_plan(self, plan: dict[str, Any]) -> _Entries:
        """The entries of ``result.json`` by scenario."""
        self.scenarios = {scenario["id"]: scenario for scenario in plan["scenarios"]}
        deadline = time.monotonic() + plan["limits"]["run_within"]
        run_dir = Path(hand_over(plan)["run_dir"])
        while not (run_dir / "result.json").exists() or host_lock.holder(self.stress_dir):
            assert time.monotonic() < deadline, "the run does not end"
            time.sleep(0.05)
        result = json.loads((run_dir / "result.json").read_text(encoding="utf-8"))
        assert result["leftovers"] == []
        return {scenario["scenario"]: scenario for scenario in result["scenarios"]}

    def _plan(self, mutant: Mutant, scenarios: list[str] | str) -> dict[str, Any]:
        plan = self.plan(f"mutant-{mutant.name}", REFERENCE_BOT, self._profile(mutant), scenarios)
        mutant.apply(Path(plan["bot"]["copy"]))
        if mutant.within is not None:
            for scenario in plan["scenarios"]:
                _cap(scenario["steps"], mutant.within)
        return plan

    def plan(
        self, name: str, source: Path, profile: str, scenarios: list[str] | str, how_hard: str = "smoke"
    ) -> dict[str, Any]:
        """Scenarios for a copy of the bot in ``source``; ``how_hard`` is their profile."""
        copy = self.stress_dir / "bots" / name
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__"))
        compiled = compile_command(profile, how_hard, scenarios)
        for path, text in compiled.bot["overlay"].items():
            lay_over(copy, path, text)
        plan = plan_of(
            compiled,
            run_id=f"{name}-{os.getpid()}",
            host="here",
            facts={"cores": os.cpu_count() or 1, "memory_mb": 4096},
            stress_dir=str(self.stress_dir),
            user="nobody" if os.geteuid() == 0 else getpass.getuser(),
            copy=str(copy),
            python=usable_python(),
        )
        plan["limits"]["bots_at_once"] = BOTS_AT_ONCE
        for scenario in plan["scenarios"]:
            for step in all_steps(scenario["steps"]):
                if step["verb"] == "visit":  # a mutant must be caught on a busy machine too
                    step["args"]["budget"] = _VISITS_WITHIN
        return plan

    def _profile(self, mutant: Mutant) -> str:
        if not mutant.bot:
            return mutant.profile
        profile = yaml.safe_load((ROOT / f"bots/{mutant.profile}.yml").read_text(encoding="utf-8"))
        path = self.stress_dir / f"{mutant.profile}.yml"
        path.write_text(json.dumps({**profile, **mutant.bot}), encoding="utf-8")
        return str(path)

    def clear(self) -> None:
        """End what still runs, undo, remove."""
        holder = host_lock.holder(self.stress_dir)
        if holder:
            with suppress(ProcessLookupError):
                os.kill(holder["pid"], signal.SIGTERM)
            while host_lock.holder(self.stress_dir):
                time.sleep(0.05)
        recover(self.stress_dir)
        shutil.rmtree(self.stress_dir)


@contextmanager
def bench_of_ours() -> Iterator[Bench]:
    """A place that the bots' user can reach, outside the shared temporary folders; nothing is left of it."""
    folder = Path(tempfile.mkdtemp(prefix="fleet-stress-mutant-", dir=in_memory.for_bots()))
    folder.chmod(0o755)
    (folder / layout.MARKER).write_text("{}")
    bench = Bench(folder)
    try:
        yield bench
    finally:
        bench.clear()


def _cap(steps: list[dict[str, Any]], seconds: float) -> None:
    for step in all_steps(steps):
        if step["verb"] == "wait" and step["args"]["until"]:
            step["args"]["within"] = min(step["args"]["within"], seconds)


def told(entries: _Entries) -> str:
    """The verdicts with their reasons, for whoever reads a failed test."""
    lines = [
        f"  {entry['row']:5} {name}: {entry['verdict']}: {'; '.join(entry['reasons'])[:400]}"
        for name, entry in entries.items()
        if entry["verdict"] != "passed"
    ]
    return "\n".join(["", *lines])


def excused(entry: dict[str, Any]) -> bool:
    """Not proved, only because of what the baseline has already found."""
    by_baseline = entry["evidence"] is None or bool(entry["known_from_baseline"])
    return entry["verdict"] == "not_exercised" and by_baseline and not entry["findings"]


def usable_python() -> str:
    """A Python that the bots' user can start: never one below a private home."""
    return "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


@contextmanager
def all_cores_busy() -> Iterator[None]:
    """A busy loop for each core."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
