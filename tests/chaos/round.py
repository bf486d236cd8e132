"""One round of chaos: the command of every day on a lab, something done to each host at its moment, and a reckoning.

A host's moment is a line of its run's journal, never a time, so that it means the same on any machine. The moment of
the command itself is a part of the time that an undisturbed one took.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

from lab.command import Command
from lab.lab import Lab
from tests.chaos.deeds import DEEDS, heal
from tests.chaos.remains import Before, Journals

#: Quick rows that hold something of each kind: mounts, rules, namespaces, control groups, processes, files.
SCENARIOS = ("sigkill_restart", "disk_full_from_empty", "network_drop", "throttled", "kill_in_write")
#: A round takes so many of them, by its seed.
_TAKEN = 2
#: The command itself is killed on so many hosts.
FEW = 2
#: So often is the same command given before it must have ended in verdicts.
ATTEMPTS = 3


@dataclass
class Moment:
    """One deed and what came of it."""

    kind: str
    host: str
    seed: int
    done: bool = False
    verdicts: dict[str, str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)
    doubles: list[str] = field(default_factory=list)
    again: int = 0
    torn: int = 0

    @property
    def good(self) -> bool:
        """Nothing wrong, nothing left, nothing twice."""
        return not (self.wrong or self.leftovers or self.doubles)


class Chaos:
    """A lab that was provisioned, and what an undisturbed run on it is like."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab, self.folder = lab, folder
        control = self._command("control", _words(SCENARIOS))
        assert control.wait() == 0, control.said
        lines = {host: Journals(lab, host).lines() for host in lab.hosts}
        #: Lines of a host's journal, of that many scenarios and the baseline.
        self.lines = {host: lines[host] * _TAKEN // (1 + len(SCENARIOS)) for host in lab.hosts}
        self.before = {host: Before(lab, host) for host in lab.hosts}

    @cached_property
    def _took(self) -> float:
        """What an undisturbed round of few takes, where all is provisioned. Seconds."""
        began = time.monotonic()
        few = ["-l", ",".join(self.lab.hosts[:FEW])]
        assert self._command("control-of-few", [*_words(SCENARIOS[:_TAKEN]), *few]).wait() == 0
        return time.monotonic() - began

    def round(self, number: int, kinds: Mapping[str, str], only: Sequence[str] = ()) -> list[Moment]:
        """Do a deed to each host (``kinds``: by host); or kill the command itself, on ``only`` these. Reckon."""
        chance = Random(number)
        scenarios = sorted(chance.sample(SCENARIOS, _TAKEN))
        words = [*_words(scenarios), *(("-l", ",".join(only)) if only else ())]
        moments = [Moment(kind, host, number) for host, kind in kinds.items()]
        seeds = {moment.host: Random(chance.random()) for moment in moments}
        name = f"round-{number}"
        killed_after = chance.uniform(0.05, 0.95) * self._took if only else None
        command = self._command(name, words)
        over = threading.Event()
        doers = [
            threading.Thread(target=self._do, args=(moment, seeds[moment.host], over)) for moment in moments
        ]
        for doer in doers:
            doer.start()
        if only:
            mine = Moment("ansible_playbook", ",".join(only), number)
            moments.append(mine)
            with contextlib.suppress(Exception):
                command.process.wait(killed_after)
            mine.done = command.kill()
        else:
            command.wait()
        over.set()
        for doer in doers:
            doer.join()
        for host in self.lab.hosts:
            heal(self.lab, host)
        self._reckon(moments, scenarios, self._until_it_ends(name, words, command))
        return moments

    def _do(self, moment: Moment, chance: Random, over: threading.Event) -> None:
        """Wait until the run of this round is so far, and do it."""
        host = moment.host
        known = set(Journals(self.lab, host).runs())
        line = chance.randint(1, max(1, self.lines[host]))
        while not over.is_set():
            journals = Journals(self.lab, host)
            if set(journals.runs()) - known and journals.lines() >= line:
                moment.done = DEEDS[moment.kind](self.lab, host, chance)
                if moment.done:
                    return
            time.sleep(0.01)

    def _until_it_ends(self, name: str, words: Sequence[str], command: Command) -> dict[str, Any]:
        """The same command again, until it has brought a report of this run."""
        for attempt in range(ATTEMPTS):
            document = command.document() if command.process.returncode in (0, 2) else None
            if document is not None:
                return {"again": attempt, **document}
            command.end()
            command = Command(self.lab, self.folder / name, words, f"again-{attempt + 1}")
            command.wait()
        raise AssertionError(f"round {name}: no report after {ATTEMPTS} times:\n{command.said[-3000:]}")

    def _reckon(self, moments: list[Moment], scenarios: Sequence[str], report: dict[str, Any]) -> None:
        recover = self._command(f"recover-{moments[0].seed}", ["stress.yml", "--tags", "cleanup"])
        code = recover.wait()
        recover_wrong = [] if code == 0 else [f"recover.yml exited {code}: {recover.said[-1500:]}"]
        for moment in moments:
            hosts = moment.host.split(",")
            moment.again = report["again"]
            for host in hosts:
                entries = report["hosts"][host]["scenarios"]
                moment.verdicts |= {entry["scenario"]: entry["verdict"] for entry in entries}
                moment.wrong += recover_wrong + list(_wrong(host, scenarios, entries))
                journals = Journals(self.lab, host)
                moment.doubles += [f"{host}: {told}" for told in journals.doubles()]
                moment.torn += journals.damaged()
                moment.leftovers += [f"{host}: {told}" for told in self.before[host].left()]
                moment.leftovers += [f"{host}: open record {told}" for told in journals.open()]

    def _command(self, name: str, words: Any) -> Command:
        return Command(self.lab, self.folder / name, list(words), "said")


def _words(scenarios: Sequence[str]) -> list[str]:
    """The command. What verify and cleanup would do is looked at from outside here."""
    words = ["stress.yml", "--tags", "run,report", "-e", "stress_unreachable_within=15"]
    return [*words, "-e", f"scenarios={','.join(scenarios)}"]


def _wrong(host: str, scenarios: Sequence[str], entries: list[dict[str, Any]]) -> Any:
    """The bot is a good one: whatever is done to us, it passes, or the error is ours and has a reason."""
    names = [entry["scenario"] for entry in entries]
    if sorted(names) != sorted({"baseline", *scenarios}):
        yield f"{host}: reported are {names}"
    ours = any(entry["scenario"] == "baseline" and entry["verdict"] == "error" for entry in entries)
    for entry in entries:
        # Where the baseline is our error, whatever was not run because of it proves nothing, and says so.
        if ours and entry["reasons"][:1] and entry["reasons"][0].startswith("not run, because baseline"):
            continue
        if entry["verdict"] == "passed" or (entry["verdict"] == "error" and any(entry["reasons"])):
            continue
        yield f"{host}: {entry['scenario']} {entry['verdict']}: {'; '.join(entry['reasons'])}"
