"""``second_instance``: the bot is started once more by mistake, with the same settings, on the same folders (row 6.11).

Over when the second one has ended by itself; when it was seen writing the state or finishing a cycle, so that both run;
or when it has had as long as a first cycle may take.

What it did to the files cannot be seen while the first one writes them as well: ``held`` stops the first one meanwhile
(SIGSTOP), which keeps its locks and ports, and whatever changes then is the second one's doing. A bot that knows of
another by its signs of life may take over from one that is stopped; so ``held`` comes after a second one beside a bot
that runs, and is no proof that it does not refuse.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet_stress import system
from fleet_stress.faults.protocol import Fault, Proof
from fleet_stress.faults.rivals import second_bot
from fleet_stress.faults.site import Site
from fleet_stress.observe import bot_files, file_content
from fleet_stress.observe.line_counter import NewLines
from fleet_stress.observe.rotated_logs import LogFamilies
from fleet_stress.observe.sqlite import Stamp
from fleet_stress.store.contract import OUTPUTS
from fleet_stress.system import process, tree

#: A file that was changed so often (or so many cycles) shows that the second one goes on; and by how far the numbers in
#: it are then, that the first one writes over what the second has saved.
_CHANGES = 3
#: Seconds between two looks, where nobody else looks.
_LOOK = 0.02


class _Second:
    """The second instance, what was there before it, and what was seen of it so far."""

    def __init__(self, site: Site, held: bool) -> None:
        self.site, self.held = site, held
        beside = site.running.processes()
        self.beside = [running.pid for running in beside]
        self.wrote: dict[str, int] = {}
        self._writes = system.WriteWatcher(Path(site.places["state_dir"]))
        self._lines: NewLines | None = None
        self._stopped = tree.hold(site.running.processes) if held else []
        self.stopped = bool(self._stopped) and {running.pid for running in self._stopped} >= set(self.beside)
        self.before = _names(site)
        self.stamps = self.known = _stamps(site)
        self.sizes = _sizes(site)
        self.cycles = 0
        self.name = f"second-{len(list(site.evidence.glob('second-*.err'))) + 1:02d}"
        self.settings = dict(site.running.settings())
        self.began = time.monotonic()
        self.lasted = 0.0
        try:
            self.process = site.running.launch(self.settings, self.name, {})
        except BaseException:
            self.close()
            raise
        self._lines = _own_cycles(site, self.name)

    @property
    def within(self) -> float:
        """It has so long to end by itself, in seconds: a deadline, no expectation."""
        return float(self.site.bot["first_cycle_within"])

    def over(self) -> bool:
        """Look once: whether it is known what becomes of it."""
        if not self.lasted and self._known():
            self.lasted = round(time.monotonic() - self.began, 3)
        return bool(self.lasted)

    def _known(self) -> bool:
        if self.process.poll() is not None:
            return True
        self.cycles += self._lines.more()[0] if self._lines else 0
        if self.stopped:
            now = _stamps(self.site)
            for key in (key for key, stamp in now.items() if stamp != self.known.get(key)):
                self.wrote[key] = self.wrote.get(key, 0) + 1
            self.known = now
            enough = max([self.cycles, *self.wrote.values()]) >= _CHANGES
        else:
            enough = self._caught() or self.cycles > 0
        return enough or time.monotonic() - self.began > self.within

    def _caught(self) -> bool:
        """Stopped, looked at, and let go on: has it a state file open for writing, or what becomes one?

        Only a name that has the state file's in it counts: one that refuses may well have opened a lock.
        """
        if not self._writes.wait(0.0):
            return False
        folder, tracked = Path(self.site.places["state_dir"]), list(self.site.files.values())
        found = second_bot.caught_writing(self.process, folder, tracked)
        for name in found:
            if any(file.path.name in Path(name).name for file in tracked if file.format != "text"):
                self.wrote[f"state/{name}"] = 1
        return bool(self.wrote)

    def close(self) -> None:
        """Nothing is looked for any more, and the first one goes on."""
        self._writes.__exit__()
        if self._lines is not None:
            self._lines.close()
        tree.let_go(self._stopped)

    def left(self) -> list[dict[str, Any]]:
        """What of its making runs on though it has ended."""
        ours = process.marked(f"{self.site.mark}/{self.name}")
        return [process.describe(running) for running in ours if process.alive(running)]


class SecondInstance(Fault):
    name = "second_instance"
    title = "the bot is started a second time by mistake"
    schema = {
        "type": "object",
        "description": "Start the bot again while it runs, with the same settings and folders.",
        "additionalProperties": False,
        "properties": {
            "held": {
                "type": "boolean",
                "description": "Whether the first is stopped meanwhile, so that only the second changes anything; no by"
                " default.",
            }
        },
    }

    def apply(self) -> None:
        """Start it. Raises OSError when it cannot be started."""
        self._second = _Second(self.site, bool(self.arguments.get("held")))

    def prove(self) -> Proof:
        """A bot ran that it was started beside; what became of it is waited for until its deadline."""
        second = self._second
        while not second.over():
            time.sleep(_LOOK)
        code = second.process.poll()
        details: dict[str, Any] = {
            "pid": second.process.pid,
            "settings": second.settings,
            "beside": second.beside,
            "held": second.held,
            "output": second.name,
            "ended": code,
            "after": second.lasted,
            "wrote": sorted(second.wrote),
            "cycles": second.cycles,
            "left": [] if code is None else second.left(),
        }
        if second.stopped:
            now = _stamps(self.site)
            details["touched"] = sorted(
                key for key in {*now, *second.stamps} if now.get(key) != second.stamps.get(key)
            )
            details["new_files"] = sorted(_names(self.site) - second.before)
            details["logged"] = _sizes(self.site) != second.sizes
        if not second.beside:
            details["why"] = "no bot ran, so this was no second one"
        elif second.held and not second.stopped:
            details["why"] = "the first one could not be stopped meanwhile"
        return Proof("why" not in details, details)

    def revert(self) -> Mapping[str, Any]:
        """End it where it runs on, and what it left behind; then the first one goes on."""
        second = self._second
        try:
            return second_bot.end(second.process, self.site, f"{self.site.mark}/{second.name}")
        finally:
            second.close()

    def hits(self) -> int:
        """1 as soon as it is known what becomes of it."""
        return int(self._second.over())


def _own_cycles(site: Site, name: str) -> NewLines | None:
    """For the cycles of a bot that tells of them on its output, which is the second one's own."""
    cycle = site.bot["cycle"]
    if cycle["file"] not in OUTPUTS:
        return None
    stream = {"stdout": "out", "stderr": "err"}[cycle["file"]]
    return NewLines(site.evidence / f"{name}.{stream}", cycle["line"])


def _stamps(site: Site) -> dict[str, Stamp | None]:
    """By which a change is seen of each file that the profile names, its text logs left out, and of its backup."""
    found = {}
    for tracked in site.files.values():
        if tracked.format != "text":
            found[tracked.key] = file_content.stamp(tracked)
            if tracked.backup and tracked.backup_key:
                found[tracked.backup_key] = file_content.stamp(tracked, tracked.backup)
    return found


def _sizes(site: Site) -> dict[str, int]:
    """Of its text logs: who refuses may say so there."""
    return {
        tracked.key: tracked.path.stat().st_size
        for tracked in site.files.values()
        if tracked.format == "text" and tracked.path.is_file()
    }


def _names(site: Site) -> set[str]:
    """All files in the bot's state and log folders but its text logs, also rotated ones."""
    texts = LogFamilies({file.key: file.rotated for file in site.files.values() if file.format == "text"})
    found = set()
    for name in ("state", "log"):
        folder = Path(site.places[f"{name}_dir"])
        for path, _ in bot_files.regular_files(folder):
            key = f"{name}/{path.relative_to(folder)}"
            if not texts.holds(key):
                found.add(key)
    return found
